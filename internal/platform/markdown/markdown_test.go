package markdown_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/betagouv/espace-membre/internal/platform/markdown"
)

func TestWhatPeopleWriteIsShown(t *testing.T) {
	for source, want := range map[string]string{
		"**gras** et *penché*":     "<p><strong>gras</strong> et <em>penché</em></p>",
		"une ligne\nune autre":     "une ligne<br>",
		"# Titre":                  "<h3>Titre</h3>",
		"###### Sixième":           "<h6>Sixième</h6>",
		"- un\n- deux":             "<li>un</li>",
		"3. trois":                 `<ol start="3">`,
		"https://exemple.org/page": `<a href="https://exemple.org/page" rel="nofollow noreferrer">https://exemple.org/page</a>`,
		"~~non~~":                  "<del>non</del>",
		"1 < 2 & 3":                "1 &lt; 2 &amp; 3",
	} {
		if got := markdown.HTML(source); !strings.Contains(got, want) {
			t.Errorf("%q gives %q, want %q in it", source, got, want)
		}
	}
}

func TestNothingExecutes(t *testing.T) {
	hostile := []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
		"[x](data:text/html;base64,PHNjcmlwdD4=)", "![x](https://exemple.org/pixel.png)", "<a href='javascript:alert(1)'>x</a>",
		"<iframe src=https://exemple.org></iframe>", "<svg onload=alert(1)>", "<style>body{display:none}</style>",
		"[x](vbscript:msgbox)", "<p style='position:fixed'>x</p>", "```\"><script>alert(1)</script>\n```", "<form action=/logout>",
		"[x](https://exemple.org \"\\\" onmouseover=alert(1) \\\"\")", "<https://exemple.org/\"onclick=alert(1)>", "\x00<scr\x00ipt>alert(1)</script>",
	}
	for _, source := range hostile {
		got := markdown.HTML(source)
		tree, err := html.Parse(strings.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		for node := range tree.Descendants() {
			if node.Type == html.ElementNode {
				checkElement(t, source, node)
			}
		}
	}
}

// checkElement refuses what no text may make: an element that acts, an attribute that runs, a
// link to anything but a page or a mailbox.
func checkElement(t *testing.T, source string, node *html.Node) {
	t.Helper()
	if slices.Contains([]string{"script", "img", "iframe", "svg", "style", "form", "input", "object", "link", "meta"}, node.Data) {
		t.Errorf("%q leaves <%s>", source, node.Data)
	}
	for _, attribute := range node.Attr {
		switch {
		case !slices.Contains([]string{"href", "rel", "start"}, attribute.Key):
			t.Errorf("%q leaves the attribute %s", source, attribute.Key)
		case attribute.Key == "href" && !strings.HasPrefix(attribute.Val, "https://") && !strings.HasPrefix(attribute.Val, "mailto:"):
			t.Errorf("%q leaves a link to %s", source, attribute.Val)
		}
	}
}
