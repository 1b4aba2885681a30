package webtest

import (
	"net/http"
	"strings"

	"golang.org/x/net/html"
)

// Answer is a page as received.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	tree   *html.Node
}

// Tree parses the page.
func (a *Answer) Tree() *html.Node {
	if a.tree == nil {
		tree, err := html.Parse(strings.NewReader(a.Body))
		if err != nil { // impossible on a text
			tree = &html.Node{}
		}
		a.tree = tree
	}
	return a.tree
}

// All gives the elements of a tag, in the order of the page.
func (a *Answer) All(tag string) []*html.Node {
	var found []*html.Node
	for node := range a.Tree().Descendants() {
		if node.Type == html.ElementNode && node.Data == tag {
			found = append(found, node)
		}
	}
	return found
}

// ByID gives the element with an id; nil when there is none.
func (a *Answer) ByID(id string) *html.Node {
	for node := range a.Tree().Descendants() {
		if node.Type == html.ElementNode && Attribute(node, "id") == id {
			return node
		}
	}
	return nil
}

// Heading gives the text of the first h1.
func (a *Answer) Heading() string { return a.first("h1") }

// Title gives the title of the window.
func (a *Answer) Title() string { return a.first("title") }

func (a *Answer) first(tag string) string {
	if found := a.All(tag); len(found) > 0 {
		return TextOf(found[0])
	}
	return ""
}

// Text gives all that the main part of the page says, spaces folded.
func (a *Answer) Text() string {
	if found := a.All("main"); len(found) > 0 {
		return TextOf(found[0])
	}
	return TextOf(a.Tree())
}

// Links gives the addresses of all links of the page.
func (a *Answer) Links() []string {
	var list []string
	for _, link := range a.All("a") {
		if href := Attribute(link, "href"); href != "" {
			list = append(list, href)
		}
	}
	return list
}

// Field gives the value of a control of a form, by its name; "" when there is none.
func (a *Answer) Field(name string) string {
	for node := range a.Tree().Descendants() {
		if node.Type == html.ElementNode && Attribute(node, "name") == name {
			return Attribute(node, "value")
		}
	}
	return ""
}

// Described gives what a screen reader says of a control after its label: its hint and its
// error, found through aria-describedby.
func (a *Answer) Described(id string) string {
	control := a.ByID(id)
	if control == nil {
		return ""
	}
	var words []string
	for _, other := range strings.Fields(Attribute(control, "aria-describedby")) {
		if node := a.ByID(other); node != nil {
			words = append(words, TextOf(node))
		}
	}
	return strings.Join(words, " ")
}

// Attribute gives an attribute of an element; "" when it has none.
func Attribute(node *html.Node, name string) string {
	for _, attribute := range node.Attr {
		if attribute.Key == name {
			return attribute.Val
		}
	}
	return ""
}

// TextOf gives what an element says, spaces folded.
func TextOf(node *html.Node) string {
	var b strings.Builder
	for inner := range node.Descendants() {
		if inner.Type == html.TextNode {
			b.WriteString(inner.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
