package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tabPatience is how long a page may take to be there after a click.
const tabPatience = 15 * time.Second

// Tab is one tab of a browser, driven as a person does: by what the page says. Everything that
// goes wrong ends the test, with what the page showed.
type Tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	console *console
}

// console is what the browser complains of.
type console struct {
	mu       sync.Mutex
	problems []string
}

func (c *console) add(problem string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.problems = append(c.problems, problem)
}

// Tab opens a tab without any cookie, on a portal whose address is base.
func (b *Browser) Tab(t testing.TB, base string) *Tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	tab := &Tab{t: t, ctx: ctx, base: base, console: &console{}}
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as this context, not as a step's
		t.Fatal(err)
	}
	tab.Resize(1280)
	messages := chromedp.Console(ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			if message.Type == chromedp.ConsoleError || message.IsException() {
				tab.console.add(message.String() + " " + message.URL)
			}
		}
	}()
	return tab
}

// On gives the same tab to a part of the test.
func (t *Tab) On(part testing.TB) *Tab {
	return &Tab{t: part, ctx: t.ctx, base: t.base, console: t.console}
}

// Problems tells the errors of the console so far: refused by the CSP, not found, exceptions.
func (t *Tab) Problems() []string {
	t.console.mu.Lock()
	defer t.console.mu.Unlock()
	return slices.Clone(t.console.problems)
}

// Resize gives the window a width, in pixels.
func (t *Tab) Resize(width int64) {
	t.t.Helper()
	t.do("resize", chromedp.EmulateViewport(width, 900))
}

// Open goes to a path of the portal, or to a whole address.
func (t *Tab) Open(address string) {
	t.t.Helper()
	if !strings.Contains(address, "://") {
		address = t.base + address
	}
	t.do("open "+address, chromedp.Navigate(address))
}

// Fill writes a value in the control with a label; in a list of choices, it takes the one that
// says that. The label may be given by its beginning.
func (t *Tab) Fill(label, value string) {
	t.t.Helper()
	id := t.mark(markControl, label)
	if eval[bool](t, fmt.Sprintf(setDirectly, quoted(id), quoted(value))) {
		return
	}
	control := chromedp.CSS(fmt.Sprintf("[data-webtest=%q]", id))
	t.do("fill "+label, chromedp.Clear(control), chromedp.SendKeys(control, value))
}

// Tick ticks or unticks the box with a label.
func (t *Tab) Tick(label string) {
	t.t.Helper()
	id := t.mark(markControl, label)
	eval[bool](t, fmt.Sprintf(`(document.querySelector('[data-webtest="%s"]').click(), true)`, id))
}

// Press follows the link or pushes the button that says something, and waits for the next page.
func (t *Tab) Press(label string) {
	t.t.Helper()
	id := t.mark(markButton, label)
	eval[bool](t, `(window.webtestBefore = true)`)
	t.do("press "+label, chromedp.Click(chromedp.CSS(fmt.Sprintf("[data-webtest=%q]", id))))
	for end := time.Now().Add(tabPatience); ; time.Sleep(50 * time.Millisecond) {
		// The page may vanish under the question: that is what is waited for.
		arrived, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](`!window.webtestBefore && document.readyState === "complete"`))
		if err == nil && arrived {
			return
		}
		if time.Now().After(end) {
			t.t.Fatalf("nothing came after pressing %q (%v); the page says:\n%s", label, err, t.Text())
		}
	}
}

// Has tells whether the page holds a link or a button that says something.
func (t *Tab) Has(label string) bool {
	t.t.Helper()
	return eval[string](t, fmt.Sprintf(markButton, quoted(label))) != ""
}

// Text gives what the main part of the page says, as a person sees it.
func (t *Tab) Text() string {
	t.t.Helper()
	return eval[string](t, `(document.querySelector("main") || document.body).innerText`)
}

// Whole gives all that the page says, header and notices included.
func (t *Tab) Whole() string {
	t.t.Helper()
	return eval[string](t, `document.body.innerText`)
}

// Heading gives the first heading of the page.
func (t *Tab) Heading() string {
	t.t.Helper()
	return eval[string](t, `(document.querySelector("h1") || {innerText: ""}).innerText.trim()`)
}

// Value gives what the control with a label holds.
func (t *Tab) Value(label string) string {
	t.t.Helper()
	id := t.mark(markControl, label)
	return eval[string](t, fmt.Sprintf(`document.querySelector('[data-webtest="%s"]').value`, id))
}

// Path gives the path of the page, without its query.
func (t *Tab) Path() string {
	t.t.Helper()
	return eval[string](t, `location.pathname`)
}

// Overflow names what is wider than the window; "" when nothing is.
func (t *Tab) Overflow() string {
	t.t.Helper()
	return eval[string](t, overflow)
}

// Axe tells the faults that axe-core finds in the page.
func (t *Tab) Axe() []string {
	t.t.Helper()
	return axe(t.ctx, t.t)
}

// Shot keeps a picture of the whole page in a file.
func (t *Tab) Shot(path string) {
	t.t.Helper()
	picture, err := chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		t.t.Fatal(err)
	}
}

// markControl finds the control of a label and marks it; it gives the mark, "" when there is none.
const markControl = `((wanted) => {
	const said = (e) => e.textContent.replace(/\s+/g, " ").trim();
	const labels = [...document.querySelectorAll("label, legend")];
	const label = labels.find((l) => said(l) === wanted) || labels.find((l) => said(l).startsWith(wanted));
	if (!label) return "";
	const control = label.control || label.parentElement.querySelector("input, select, textarea");
	if (!control) return "";
	control.dataset.webtest = control.dataset.webtest || "c" + Math.random().toString(36).slice(2);
	return control.dataset.webtest;
})(%s)`

// markButton finds the visible link or button that says something and marks it.
const markButton = `((wanted) => {
	const said = (e) => (e.ariaLabel || e.innerText || e.value || e.title || "").replace(/\s+/g, " ").trim();
	const seen = [...document.querySelectorAll("button, a[href], input[type=submit]")].filter((e) => e.tabIndex >= 0 && e.getClientRects().length > 0);
	const main = document.querySelector("main");
	seen.sort((a, b) => (main && main.contains(b)) - (main && main.contains(a)));
	const found = seen.find((e) => said(e) === wanted) || seen.find((e) => said(e).startsWith(wanted));
	if (!found) return "";
	found.dataset.webtest = found.dataset.webtest || "b" + Math.random().toString(36).slice(2);
	return found.dataset.webtest;
})(%s)`

// setDirectly sets what is not typed letter by letter: lists of choices, dates and
// texts of several lines. It tells
// whether it did.
const setDirectly = `((mark, value) => {
	const control = document.querySelector('[data-webtest="' + mark + '"]');
	if (control.tagName === "SELECT") {
		const said = (o) => o.textContent.replace(/\s+/g, " ").trim();
		const choice = [...control.options].find((o) => said(o) === value || o.value === value);
		if (!choice) throw new Error("no choice says " + value + ": " + [...control.options].map(said).join(", "));
		if (control.multiple) choice.selected = true; else control.value = choice.value;
	} else if (control.type === "date" || control.tagName === "TEXTAREA") {
		control.value = value;
	} else {
		return false;
	}
	control.dispatchEvent(new Event("input", {bubbles: true}));
	control.dispatchEvent(new Event("change", {bubbles: true}));
	return true;
})(%s, %s)`

// mark finds an element by what it says.
func (t *Tab) mark(script, label string) string {
	t.t.Helper()
	id := eval[string](t, fmt.Sprintf(script, quoted(label)))
	if id == "" {
		t.t.Fatalf("nothing on %s says %q; the page says:\n%s", t.Path(), label, t.Whole())
	}
	return id
}

// quoted writes a text as a literal of JavaScript.
func quoted(text string) string {
	literal, err := json.Marshal(text)
	if err != nil { // impossible on a text
		panic(err)
	}
	return string(literal)
}

func (t *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	t.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, 2*tabPatience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.t.Fatalf("%s: %v", what, err)
	}
}

func eval[T any](t *Tab, script string) T {
	t.t.Helper()
	value, err := chromedp.Run(t.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.t.Fatalf("%v, in %s", err, script)
	}
	return value
}
