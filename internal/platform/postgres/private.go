package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Private is a PostgreSQL server of our own: a child process on the loopback address, for the
// demo and the tests. It dies with us.
type Private struct {
	dir  string
	port int
	stop context.CancelFunc
	done chan error
}

// ErrNoServer says that no PostgreSQL server program was found on this machine.
var ErrNoServer = errors.New("PostgreSQL introuvable : installe-le (Debian, Ubuntu : « apt-get install postgresql » ; " +
	"macOS : « brew install postgresql@17 ») ou donne son dossier bin dans POSTGRES_BIN, puis recommence")

// PrivateOptions say where and how the private server runs.
type PrivateOptions struct {
	Dir  string    // data folder, made if absent; kept when the server stops
	Port int       // 0: any free port
	Bin  string    // folder of the server's programs; empty: searched for
	Log  io.Writer // the server's own messages; nil: Dir/server.log
}

// StartPrivate makes the data folder if needed, starts the server and waits until it answers.
// As root, the server runs as the user postgres, else nobody: PostgreSQL refuses root.
func StartPrivate(ctx context.Context, o PrivateOptions) (*Private, error) {
	bin, err := findPrograms(o.Bin)
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if err := prepareCluster(ctx, bin, o.Dir, owner); err != nil {
		return nil, err
	}
	port := o.Port
	if port == 0 {
		if port, err = freePort(); err != nil {
			return nil, err
		}
	}
	p := &Private{dir: o.Dir, port: port, done: make(chan error, 1)}
	p.outlive(ctx)
	if err := p.run(bin, owner, o.Log); err != nil {
		return nil, err
	}
	if err := p.wait(ctx); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// lingering is how long a server whose owner was killed may take to shut down.
const lingering = 5 * time.Second

// outlive waits for the server of an owner that was just killed: it is shutting down, and two
// servers never share a folder. Another one that goes on is refused by PostgreSQL itself.
func (p *Private) outlive(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lingering)
	defer cancel()
	for p.occupied() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// occupied tells whether the process that the folder's lock names is alive.
func (p *Private) occupied() bool {
	text, err := os.ReadFile(filepath.Join(p.dir, "cluster", "postmaster.pid"))
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	return err == nil && pid > 1 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// URL is the address of a database of the server, with its superuser.
func (p *Private) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", p.port, database)
}

// Stop shuts the server down and waits for it.
func (p *Private) Stop() {
	p.stop()
	slog.Debug("private PostgreSQL stopped", "how", <-p.done)
}

// EnsureDatabase creates a database when it is absent.
func (p *Private) EnsureDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, p.URL("postgres"))
	if err != nil {
		return fmt.Errorf("reach the private server: %w", err)
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// findPrograms gives the folder that holds initdb and postgres: the one given, Debian's and
// Homebrew's (newest version first), then the path.
func findPrograms(given string) (string, error) {
	candidates := []string{given}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, _ := filepath.Glob(pattern)
		sort.Sort(sort.Reverse(sort.StringSlice(found)))
		candidates = append(candidates, found...)
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		candidates = append(candidates, filepath.Dir(initdb))
	}
	for _, dir := range candidates {
		if dir != "" && isProgram(filepath.Join(dir, "initdb")) && isProgram(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", ErrNoServer
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// unprivileged gives the identity of the server's process: nil unless we are root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("running as root without a user postgres or nobody: the private server has no account to run as")
}

func prepareCluster(ctx context.Context, bin, dir string, owner *syscall.Credential) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the database folder: %w", err)
	}
	if owner != nil {
		if err := giveTo(dir, owner); err != nil {
			return err
		}
	}
	cluster := filepath.Join(dir, "cluster")
	if _, err := os.Stat(filepath.Join(cluster, "PG_VERSION")); err == nil {
		return nil
	}
	if err := os.RemoveAll(cluster); err != nil { // an initdb that was interrupted
		return fmt.Errorf("clear a half-made cluster: %w", err)
	}
	command := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", cluster, "-U", "postgres",
		"-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	command.Dir = dir
	command.SysProcAttr = childOf(owner)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// giveTo makes the server's account the owner of its folder, and checks that it can reach it:
// every parent must let others through.
func giveTo(dir string, owner *syscall.Credential) error {
	if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("give the database folder to its account: %w", err)
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for parent := filepath.Dir(absolute); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("le dossier %s n’est pas traversable par le compte qui fait tourner PostgreSQL : choisis un autre dossier, par exemple sous %s", parent, os.TempDir())
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}

func freePort() (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (p *Private) run(bin string, owner *syscall.Credential, log io.Writer) error {
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	command := exec.CommandContext(ctx, filepath.Join(bin, "postgres"),
		"-D", filepath.Join(p.dir, "cluster"), "-h", "127.0.0.1", "-p", strconv.Itoa(p.port), "-k", "",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "max_connections=200", "-c", "timezone=UTC", "-c", "log_min_messages=warning")
	command.Dir = p.dir
	command.SysProcAttr = childOf(owner)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) } // fast shutdown
	command.WaitDelay = 20 * time.Second
	if log == nil {
		file, err := os.OpenFile(filepath.Join(p.dir, "server.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			stop()
			return fmt.Errorf("open the server's log: %w", err)
		}
		log = file
	}
	command.Stdout, command.Stderr = log, log
	started := make(chan error)
	go func() {
		// The kernel ties the child's life to this thread, not to the process: keep the thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			p.done <- command.Wait()
		}
	}()
	if err := <-started; err != nil {
		stop()
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return nil
}

// wait tries to connect until the server accepts, dies, or 30 seconds pass.
func (p *Private) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, p.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case died := <-p.done:
			p.done <- died
			return fmt.Errorf("PostgreSQL stopped at once: see %s: %w", filepath.Join(p.dir, "server.log"), died)
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL did not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
