// Package cli is the command line: one file per command. It reads the environment once,
// builds the application, and turns faults into French sentences and exit codes.
package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Process is what the program receives from the system.
type Process struct {
	Args    []string
	Version string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// Exit codes, documented in the README.
const (
	ExitOK          = 0
	ExitError       = 1 // the command failed
	ExitUsage       = 2 // wrong words on the command line, or wrong settings
	ExitHeld        = 3 // a plan waits for a person, or some actions failed
	ExitUnavailable = 4 // the database or a vendor does not answer
	ExitNotFound    = 5 // no such job, run, file
)

// root is the command tree.
type root struct {
	EnvFile string `help:"Fichier de réglages (par défaut : .env s’il existe)." placeholder:"FICHIER" name:"env-file"`
	JSON    bool   `help:"Réponse en JSON, pour un programme." name:"json"`
	Debug   bool   `help:"Journal détaillé."`

	Serve      serveCmd      `cmd:"" help:"Lance le portail."`
	Worker     workerCmd     `cmd:"" help:"Lance les tâches planifiées."`
	Run        runCmd        `cmd:"" help:"Lance le portail et les tâches planifiées."`
	Demo       demoCmd       `cmd:"" help:"Lance la démonstration : base privée, services simulés, mails attrapés."`
	Seed       seedCmd       `cmd:"" help:"Remplit une base vide avec l’exemple du produit."`
	Import     importCmd     `cmd:"" help:"Importe l’annuaire ou le dépôt du site public."`
	Jobs       jobsCmd       `cmd:"" help:"Liste, montre, lance et confirme les tâches."`
	Routes     routesCmd     `cmd:"" help:"Liste les adresses du portail et qui peut les ouvrir."`
	Migrate    migrateCmd    `cmd:"" help:"Fait évoluer la base de données."`
	Doctor     doctorCmd     `cmd:"" help:"Dit ce qui est réglé, ce qui manque, et si chaque service répond."`
	Completion completionCmd `cmd:"" help:"Écrit le script de complétion du shell."`
	Version    versionCmd    `cmd:"" help:"Affiche la version."`
}

// session is what every command receives.
type session struct {
	ctx     context.Context
	process Process
	envFile string
	json    bool
	model   *kong.Application
}

// quiet is a failure that the command has told already.
type quiet struct{ code int }

func (quiet) Error() string { return "" }

// Main runs one command and gives the exit code.
func Main(ctx context.Context, p Process) int {
	var tree root
	parser, err := kong.New(&tree,
		kong.Name("espace-membre"),
		kong.Description("Le portail des membres de la communauté beta.gouv.fr et ses tâches planifiées."),
		kong.Writers(p.Stdout, p.Stderr),
		kong.Help(frenchHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.ShortUsageOnError(),
		kong.Exit(func(code int) { panic(exit(code)) }),
	)
	if err != nil {
		fmt.Fprintln(p.Stderr, err)
		return ExitError
	}
	return runCommand(ctx, p, parser, &tree)
}

// exit is how kong leaves after --help: caught below, never seen outside.
type exit int

func runCommand(ctx context.Context, p Process, parser *kong.Kong, tree *root) (code int) {
	defer func() {
		if left := recover(); left != nil {
			status, ok := left.(exit)
			if !ok {
				panic(left)
			}
			code = int(status)
		}
	}()
	if len(p.Args) == 0 {
		p.Args = []string{"--help"}
	}
	parsed, err := parser.Parse(p.Args)
	if err != nil {
		fmt.Fprintf(p.Stderr, "espace-membre : %s\nVoir « espace-membre --help ».\n", frenchParse(err))
		return ExitUsage
	}
	slog.SetDefault(logger(p, tree.Debug))
	s := &session{ctx: ctx, process: p, envFile: tree.EnvFile, json: tree.JSON, model: parser.Model}
	if err := parsed.Run(s); err != nil {
		return s.report(err)
	}
	return ExitOK
}

// logger writes JSON lines, or plain ones on a terminal.
func logger(p Process, debug bool) *slog.Logger {
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	if terminal(p.Stderr) {
		return slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(slog.NewJSONHandler(p.Stderr, &slog.HandlerOptions{Level: level}))
}

// terminal tells whether a writer is a person's screen.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *session) report(err error) int {
	if errors.Is(err, context.Canceled) {
		return ExitOK
	}
	if q, ok := errors.AsType[quiet](err); ok {
		return q.code
	}
	text := fault.Public(err)
	if text == "" {
		text = err.Error()
	} else if cause := errors.Unwrap(err); cause != nil && cause.Error() != text {
		text += " (" + cause.Error() + ")"
	}
	fmt.Fprintln(s.process.Stderr, "espace-membre : "+text)
	switch fault.KindOf(err) {
	case fault.NotFound:
		return ExitNotFound
	case fault.Unavailable:
		return ExitUnavailable
	case fault.Invalid:
		return ExitUsage
	}
	return ExitError
}

// printJSON writes a value for a machine.
func (s *session) printJSON(v any) error {
	encoder := json.NewEncoder(s.process.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// printf writes a line for a person.
func (s *session) printf(format string, args ...any) {
	fmt.Fprintf(s.process.Stdout, format, args...)
}

// frenchHelp prints kong's help with French headings.
func frenchHelp(options kong.HelpOptions, ctx *kong.Context) error {
	var text bytes.Buffer
	out := ctx.Stdout
	ctx.Stdout = &text
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, strings.NewReplacer(
		"Usage: ", "Utilisation : ", "Flags:", "Options :", "Commands:", "Commandes :", "Arguments:", "Arguments :",
		"Show context-sensitive help.", "Affiche cette aide.", "[flags]", "[options]", "<command>", "<commande>",
		"Run \"", "« ", "--help\" for more information on a command.", "--help » en dit plus sur une commande.",
	).Replace(text.String()))
	return err
}

// frenchParse translates the parser's most frequent complaints.
func frenchParse(err error) string {
	return strings.NewReplacer(
		"unexpected argument", "argument inattendu", "unknown flag", "option inconnue", "missing flags:", "il manque",
		"expected one of", "attendu :", "expected ", "attendu : ", "did you mean", "voulais-tu dire", "missing positional arguments", "il manque",
	).Replace(err.Error())
}
