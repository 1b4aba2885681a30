package webtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/betagouv/espace-membre/internal/platform/web/static"
)

// Browser is a real Chromium, without anything of the machine's user.
type Browser struct{ ctx context.Context }

// View is how a page is looked at.
type View struct {
	Width    int64 // of the window, in pixels; 0: 1280
	Dark     bool  // the system prefers dark
	NoScript bool
	Axe      bool   // check the accessibility rules of axe-core; needs scripts
	Shot     string // file where a picture is kept; empty: none
	Press    string // CSS selector of what is clicked first, for the page that it leads to; empty: nothing
	// Fill gives values to fields by their id, before Press.
	Fill map[string]string
}

// Seen is what was seen.
type Seen struct {
	Problems []string // errors of the console: refused by the CSP, not found, exceptions; then faults found by axe
	Overflow string   // what is wider than the window: tag and class of the first; "" when nothing is
}

// OpenBrowser starts Chromium. Without it, or without the files that a build copies from npm,
// the test is skipped, except where CI is set.
func OpenBrowser(t testing.TB) *Browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err == nil {
		err = static.Ready()
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &Browser{ctx: ctx}
}

// overflow names the first element that makes the page wider than the window.
const overflow = `(() => {
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= width) return "";
	for (const e of document.body.querySelectorAll("*"))
		if (e.getBoundingClientRect().right > width + 1 && getComputedStyle(e).visibility !== "hidden")
			return e.tagName.toLowerCase() + "." + e.className + "#" + e.id;
	return "page";
})()`

// Look opens a page in a tab of its own, with the cookies of a client and no other.
func (b *Browser) Look(t testing.TB, c *Client, path string, view View) Seen {
	t.Helper()
	tab, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	defer closeTab()
	if err := chromedp.Do(tab, view.prepare(c)); err != nil {
		t.Fatal(err)
	}
	listening, stop := context.WithCancel(tab)
	problems := make(chan []string, 1)
	messages := chromedp.Console(listening)
	go func() {
		var list []string
		for message, err := range messages {
			if err != nil {
				break
			}
			if message.Type == chromedp.ConsoleError || message.IsException() {
				list = append(list, message.String()+" "+message.URL)
			}
		}
		problems <- list
	}()
	if err := chromedp.Do(tab, chromedp.Navigate(c.site.URL+path), chromedp.Sleep(400*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	view.press(tab, t)
	var seen Seen
	var err error
	seen.Overflow, err = chromedp.Run(tab, chromedp.Evaluate[string](overflow))
	if err != nil {
		t.Fatal(err)
	}
	if view.Shot != "" {
		view.keep(tab, t)
	}
	stop()
	seen.Problems = <-problems
	if view.Axe {
		seen.Problems = append(seen.Problems, axe(tab, t)...)
	}
	return seen
}

func (v View) prepare(c *Client) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if v.Width == 0 {
			v.Width = 1280
		}
		if _, err := chromedp.EmulateViewport(v.Width, 900)(ctx, tab); err != nil {
			return err
		}
		scheme := "light"
		if v.Dark {
			scheme = "dark"
		}
		if _, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.NoScript}); err != nil {
			return err
		}
		for _, cookie := range c.Cookies() {
			if _, err := cdp.Call(ctx, tab, network.SetCookie, network.SetCookieParams{
				Name: cookie.Name, Value: cookie.Value, URL: c.site.URL,
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// press clicks and waits for the page that it leads to.
func (v View) press(tab context.Context, t testing.TB) {
	t.Helper()
	if v.Press == "" {
		return
	}
	for id, value := range v.Fill {
		if _, err := chromedp.Run(tab, chromedp.Evaluate[string](fmt.Sprintf(`document.getElementById(%q).value = %q`, id, value))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](fmt.Sprintf(`window.leaving = true; document.querySelector(%q).click() === undefined`, v.Press))); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := chromedp.Do(tab, chromedp.Sleep(200*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		// Between two pages there is nothing to ask: an error is a "not yet".
		if arrived, err := chromedp.Run(tab, chromedp.Evaluate[bool](`!window.leaving && document.readyState === "complete"`)); err == nil && arrived {
			return
		}
	}
	t.Fatalf("%s leads nowhere", v.Press)
}

func (v View) keep(tab context.Context, t testing.TB) {
	t.Helper()
	picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.Shot, picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// axe runs axe-core in the page, and tells each fault with the elements concerned.
func axe(tab context.Context, t testing.TB) []string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(root(t), "assets", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Log("axe-core is not installed: accessibility not checked")
		return nil
	}
	faults, err := chromedp.Run(tab, chromedp.Evaluate[[]string](string(script)+`;
		axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then((r) => r.violations.map(
			(v) => v.id + ": " + v.help + " — " + v.nodes.map((n) => n.target.join(" ")).join(", ")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

// root finds the repository from the folder of the test.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		folder = filepath.Dir(folder)
	}
	t.Fatal("no go.mod above the test")
	return ""
}
