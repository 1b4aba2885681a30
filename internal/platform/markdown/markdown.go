// Package markdown turns what members write about themselves and their work into HTML that is
// safe to show: no raw HTML, no script, no picture of another site, and headings that fit below
// those of the page.
package markdown

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// lowest is the level of the first heading that a text may hold: h1 and h2 are the page's.
const lowest = 3

// reader is built once: neither part keeps anything of what it reads.
var reader = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Linkify, extension.Strikethrough, extension.Table),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(lower{}, 100))),
		goldmark.WithRendererOptions(html.WithHardWraps()), // old texts are plain ones: their lines stay
	)
})

var allowed = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "ul", "li", "blockquote", "code", "pre", "hr", "h3", "h4", "h5", "h6",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
})

// lower moves the headings of a text below those of the page.
type lower struct{}

// Transform implements parser.ASTTransformer.
func (lower) Transform(document *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if heading, ok := node.(*ast.Heading); ok && entering {
			heading.Level = min(6, heading.Level+lowest-1)
		}
		return ast.WalkContinue, nil
	})
}

// HTML gives the safe HTML of a text in Markdown.
func HTML(source string) string {
	var b bytes.Buffer
	if err := reader().Convert([]byte(source), &b); err != nil { // impossible: it writes in memory
		return templ.EscapeString(source)
	}
	return string(allowed().SanitizeBytes(b.Bytes()))
}

// Show prints a text in Markdown.
func Show(source string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, HTML(source))
		return err
	})
}
