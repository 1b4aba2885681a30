package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/web/static"
)

// patience is how long something may take on a machine that is busy. A plan whose process was
// killed is given to another one after a minute and a half.
const patience = 150 * time.Second

// workshop is where the program is built, gone with the tests.
var workshop string

// build compiles the program once for all tests.
var build = sync.OnceValues(func() (string, error) {
	program := filepath.Join(workshop, "espace-membre")
	command := exec.Command("go", "build", "-o", program, "./cmd/espace-membre")
	command.Dir = filepath.Join("..", "..", "..")
	if text, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, text)
	}
	return program, nil
})

func TestMain(m *testing.M) {
	var err error
	if workshop, err = os.MkdirTemp("", "espace-membre-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(workshop) // temporary space
	os.Exit(code)
}

// program gives the path of the real program; the test is skipped where it cannot run.
func program(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("end-to-end tests start the whole product: not with -short")
	}
	if err := static.Ready(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// demo is a demonstration in its folder; it may be stopped, killed and started again.
type demo struct {
	t               *testing.T
	program         string
	dir             string
	port, box, smtp int
	command         *exec.Cmd
	output          *os.File
	gone            chan error
}

// settle says how a demonstration starts.
type settle struct {
	today    string // AAAA-MM-JJ
	noWorker bool
}

// newDemo prepares a folder that the database's own account can go through.
func newDemo(t *testing.T) *demo {
	t.Helper()
	d := &demo{t: t, program: program(t)}
	dir, err := os.MkdirTemp("", "espace-membre-e2e-demo-") //nolint:usetesting // the database's account cannot go through t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d.dir = filepath.Join(dir, "demo")
	t.Cleanup(func() {
		d.stop()
		if t.Failed() {
			d.tell()
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	d.port, d.box, d.smtp = freePort(t), freePort(t), freePort(t)
	return d
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// start runs the demonstration and waits until the portal is ready.
func (d *demo) start(s settle) {
	d.t.Helper()
	d.launch(s)
	d.await("the portal is ready", func() bool { return d.answers("/readyz") })
}

// launch runs the demonstration and waits for nothing.
func (d *demo) launch(s settle) {
	d.t.Helper()
	args := []string{
		"demo", "--port", strconv.Itoa(d.port), "--sandbox-port", strconv.Itoa(d.box), "--smtp-port", strconv.Itoa(d.smtp),
		"--data-dir", d.dir, "--today", s.today,
	}
	if s.noWorker {
		args = append(args, "--no-worker")
	}
	var err error
	if d.output, err = os.OpenFile(filepath.Join(filepath.Dir(d.dir), "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.command = exec.Command(d.program, args...)
	d.command.Stdout, d.command.Stderr = d.output, d.output
	if err := d.command.Start(); err != nil {
		d.t.Fatal(err)
	}
	gone, command := make(chan error, 1), d.command
	d.gone = gone
	go func() { gone <- command.Wait() }()
}

func (d *demo) answers(path string) bool {
	response, err := http.Get(d.url() + path)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// await looks until something is true; the demonstration must go on meanwhile.
func (d *demo) await(what string, done func() bool) {
	d.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-d.gone:
			d.gone <- err
			d.t.Fatalf("waiting until %s: the demonstration stopped: %v", what, err)
		default:
		}
		if time.Now().After(end) {
			d.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// stop ends the demonstration as Ctrl-C does.
func (d *demo) stop() {
	d.t.Helper()
	if err := d.end(syscall.SIGTERM); err != nil {
		d.t.Errorf("the demonstration stopped badly: %v", err)
	}
}

// kill ends it without letting it do anything more.
func (d *demo) kill() {
	d.t.Helper()
	if err := d.end(syscall.SIGKILL); err == nil {
		d.t.Fatal("the demonstration was not there to be killed")
	}
}

func (d *demo) end(signal syscall.Signal) error {
	if d.command == nil {
		return nil
	}
	if err := d.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		d.t.Error(err)
	}
	var err error
	select {
	case err = <-d.gone:
	case <-time.After(patience):
		_ = d.command.Process.Kill() // told below
		err = errors.New("it did not stop in time")
	}
	d.command = nil
	return errors.Join(err, d.output.Close())
}

// tell shows the end of what the demonstration said, when a test failed.
func (d *demo) tell() {
	text := d.said()
	d.t.Logf("the demonstration said:\n%s", text[max(0, len(text)-6000):])
}

// said is all that the demonstration printed.
func (d *demo) said() string {
	text, err := os.ReadFile(filepath.Join(filepath.Dir(d.dir), "output"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (d *demo) url() string { return "http://localhost:" + strconv.Itoa(d.port) }

func (d *demo) sandbox(path string) string { return "http://127.0.0.1:" + strconv.Itoa(d.box) + path }

// environment is the file of settings that the demonstration writes.
func (d *demo) environment() string { return filepath.Join(d.dir, "env") }

// run runs a command of the program beside the demonstration, and gives what it prints and its
// exit code.
func (d *demo) run(args ...string) (output string, code int) {
	d.t.Helper()
	return d.runWith(d.environment(), args...)
}

func (d *demo) runWith(environment string, args ...string) (output string, code int) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, d.program, append(args, "--env-file", environment)...)
	command.Env = d.clean()
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err := command.Run()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case failed:
		code = exit.ExitCode()
	case err != nil:
		d.t.Fatal(err)
	}
	return out.String() + problems.String(), code
}

// begin starts a command beside the demonstration; what it gives kills it.
func (d *demo) begin(args ...string) (kill func()) {
	d.t.Helper()
	command := exec.Command(d.program, append(args, "--env-file", d.environment())...)
	command.Env = d.clean()
	if err := command.Start(); err != nil {
		d.t.Fatal(err)
	}
	return func() {
		d.t.Helper()
		_ = command.Process.Kill() // told below
		_ = command.Wait()
		if status, ok := command.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
			d.t.Errorf("espace-membre %s was over before it was killed: %s", strings.Join(args, " "), command.ProcessState)
		}
	}
}

// clean is an environment without any setting of this machine.
func (d *demo) clean() []string { return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir} }

// must runs a command that has to succeed.
func (d *demo) must(args ...string) string {
	d.t.Helper()
	output, code := d.run(args...)
	if code != 0 {
		d.t.Fatalf("espace-membre %s: exit code %d\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

// told runs a command that has to succeed, and reads its JSON.
func told[T any](d *demo, args ...string) T {
	d.t.Helper()
	var value T
	output := d.must(append(args, "--json")...)
	if err := json.NewDecoder(strings.NewReader(output)).Decode(&value); err != nil {
		d.t.Fatalf("espace-membre %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return value
}

// file reads a file of the demonstration's folder.
func (d *demo) file(name string) string {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, filepath.FromSlash(name)))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}
