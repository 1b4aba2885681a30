package webtest

import (
	"strings"

	"golang.org/x/net/html"
)

// Hostile are texts that want to run, to hide, to pass for another, or to break.
func Hostile() map[string]string {
	return map[string]string{
		"script": `"><script>alert(1)</script>`, "handler": `" autofocus onfocus="alert(1)`, "image": `<img src=x onerror=alert(1)>`, "textarea": `</textarea><script>alert(1)</script>`,
		"template": `{{.}} ${7*7} <%= 1 %>`, "quote": `'; DROP TABLE member; --`, "scheme": `javascript:alert(1)`, "markdown": "[x](javascript:alert(1)) ![y](x\"onerror=alert(1))",
		"NUL": "a\x00b", "bad UTF-8": "a\xff\xfeb", "lone surrogate": "a\xed\xa0\x80b", "reversed": "abc\u202edef", "look-alike": "Cаmille",
		"long": strings.Repeat("é", 3000), "lines": "a\r\nBcc: x@exemple.fr\r\n\r\nb", "comment": `--><svg onload=alert(1)>`, "far day": "9999-12-31", "no day": "2024-02-30", "number": "-99999999999999999999",
	}
}

// Runs tells what of a page would run: a script element without the nonce, a handler, a link to a
// script; "" when nothing would.
func Runs(a *Answer) string {
	for node := range a.Tree().Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		if node.Data == "script" && Attribute(node, "nonce") == "" {
			return "a script"
		}
		for _, attribute := range node.Attr {
			if strings.HasPrefix(attribute.Key, "on") || leads(attribute.Key) && strings.HasPrefix(strings.ToLower(strings.TrimSpace(attribute.Val)), "javascript:") {
				return node.Data + " " + attribute.Key + "=" + attribute.Val
			}
		}
	}
	return ""
}

func leads(attribute string) bool {
	return attribute == "href" || attribute == "src" || attribute == "formaction" || attribute == "action"
}

// PostForm is a form of a page, as a person would send it: what its controls hold.
type PostForm struct {
	Action string // path; empty: of the page itself
	Values map[string]string
	Texts  map[string]bool // names of the controls in which people write
}

// PostForms gives the forms of a page that are posted.
func (a *Answer) PostForms() []PostForm {
	var list []PostForm
	for _, node := range a.All("form") {
		if !strings.EqualFold(Attribute(node, "method"), "post") {
			continue
		}
		path, _, _ := strings.Cut(Attribute(node, "action"), "#")
		f := PostForm{Action: path, Values: map[string]string{}, Texts: map[string]bool{}}
		for inner := range node.Descendants() {
			f.read(inner)
		}
		list = append(list, f)
	}
	return list
}

// read adds a control to the form.
func (f *PostForm) read(node *html.Node) {
	name := Attribute(node, "name")
	if node.Type != html.ElementNode || name == "" {
		return
	}
	kind, value := Attribute(node, "type"), Attribute(node, "value")
	switch node.Data {
	case "textarea":
		kind, value = "text", TextOf(node)
	case "select":
		value = chosen(node)
	case "button":
		if _, known := f.Values[name]; known || name == "do" {
			return
		}
	case "input":
		if _, known := f.Values[name]; known && (kind == "radio" || kind == "checkbox") {
			return
		}
	default:
		return
	}
	f.Values[name] = value
	f.Texts[name] = node.Data == "textarea" || node.Data == "input" && kind != "hidden" && kind != "radio" && kind != "checkbox"
}

// chosen gives the value of the choice of a list, or else of the first one that says something.
func chosen(list *html.Node) string {
	first := ""
	for option := range list.Descendants() {
		if option.Type != html.ElementNode || option.Data != "option" {
			continue
		}
		for _, attribute := range option.Attr {
			if attribute.Key == "selected" {
				return Attribute(option, "value")
			}
		}
		if first == "" {
			first = Attribute(option, "value")
		}
	}
	return first
}
