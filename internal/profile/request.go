package profile

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// CodeDiagnosisSent is the audit code of a diagnosis sent by mail.
const CodeDiagnosisSent audit.Code = "MEMBER_DIAGNOSIS_SENT"

// ErrTooMany refuses a diagnosis asked too often, by this client or about this person.
var ErrTooMany = errors.New("too many diagnoses asked in one hour")

const (
	sendDiagnosisName = "sendDiagnosticEmail"
	maxTarget         = 254 // characters of an address
	keepRequests      = 24 * time.Hour
	// letterBudget is how long a letter waits for vendors: nobody looks at a page.
	letterBudget = 20 * time.Second
)

// Ask is a diagnosis asked from the public page.
type Ask struct {
	Target string // address or username, as typed
	Client string // network address of the browser
}

// RequestDiagnosis records that a diagnosis is wanted by mail: Invalid on field "qui" when the
// text cannot be an address nor a username, ErrTooMany above the limits. It does not look whether
// anybody is meant: what follows is the same, at the same pace, for everybody and for nobody.
func (s *Service) RequestDiagnosis(ctx context.Context, ask Ask) error {
	target := member.NormalizeAddress(ask.Target)
	if !utf8.ValidString(ask.Target) || !plausible(target) {
		return fault.Field("qui", "Saisis une adresse (prenom.nom@beta.gouv.fr) ou un identifiant (prenom.nom).")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.checkLimits(ctx, tx, target, ask.Client); err != nil {
			return err
		}
		id := uuid.New()
		if _, err := tx.Exec(ctx, `
			INSERT INTO diagnostic_request (id, target_hash, client_hash, requested_at)
			VALUES ($1, $2, $3, $4)`, id, s.mac("target", target), s.mac("client", ask.Client), s.clock.Now()); err != nil {
			return fmt.Errorf("record a diagnosis request: %w", err)
		}
		if _, err := tx.Exec(ctx, `
			DELETE FROM diagnostic_request
			WHERE requested_at < $1`, s.clock.Now().Add(-keepRequests)); err != nil {
			return fmt.Errorf("forget old diagnosis requests: %w", err)
		}
		for _, kind := range []string{"primary", "secondary"} { // one action an address: one may arrive when the other cannot
			if err := s.requester.Request(ctx, tx, diagnosisAction(id, kind, target)); err != nil {
				return err
			}
		}
		return nil
	})
}

// plausible accepts what may be an address or a username.
func plausible(target string) bool {
	return target != "" && utf8.RuneCountInString(target) <= maxTarget &&
		!strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>"\/`, r) }) &&
		strings.ContainsFunc(target, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' })
}

// mac hides what was typed while letting us count it.
func (s *Service) mac(kind, text string) []byte {
	h := hmac.New(sha256.New, s.config.Key)
	h.Write([]byte("diagnostic_request/" + kind + "\x00" + text))
	return h.Sum(nil)
}

// checkLimits counts the last hour, one request at a time for a target and for a client.
func (s *Service) checkLimits(ctx context.Context, tx pgx.Tx, target, client string) error {
	targetMAC, clientMAC := s.mac("target", target), s.mac("client", client)
	for _, key := range [][]byte{targetMAC, clientMAC} { // always in this order: no deadlock
		if _, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 2))`, key); err != nil {
			return fmt.Errorf("wait for diagnosis requests: %w", err)
		}
	}
	var ofTarget, ofClient int
	err := tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE target_hash = $1),
		       count(*) FILTER (WHERE client_hash = $2)
		FROM diagnostic_request
		WHERE (target_hash = $1 OR client_hash = $2)
		  AND requested_at > $3`, targetMAC, clientMAC, s.clock.Now().Add(-time.Hour)).Scan(&ofTarget, &ofClient)
	if err != nil {
		return fmt.Errorf("count diagnosis requests: %w", err)
	}
	if ofTarget >= s.config.Limits.PerTarget || ofClient >= s.config.Limits.PerClient {
		return ErrTooMany
	}
	return nil
}

type diagnosisArgs struct {
	Kind string `json:"kind"` // primary or secondary: the address that is written to
}

// diagnosisAction asks for a mail; what was typed travels sealed and goes when the action closes.
func diagnosisAction(id uuid.UUID, kind, target string) job.Action {
	return job.Action{
		Key: job.Key(sendDiagnosisName, id, kind), Mode: job.Once, Job: sendDiagnosisName, Verb: "envoyer",
		Label: "diagnostic", Reason: "demandé depuis la page « Qu’est-ce qui se passe ? »",
		Args: job.EncodeArgs(diagnosisArgs{Kind: kind}), Secret: []byte(target), Queue: job.QueueUrgent,
	}
}

// Jobs declares the kinds of request of this room.
func (s *Service) Jobs() []job.Spec {
	return []job.Spec{{
		Name: sendDiagnosisName, Title: "Envoie le diagnostic demandé", Room: "profile", Default: job.On,
		Needs: []job.Feature{"mail"}, Queue: job.QueueUrgent, Apply: s.applyDiagnosis,
	}}
}

// applyDiagnosis diagnoses whoever was meant, and sends it to one of their own addresses.
func (s *Service) applyDiagnosis(ctx context.Context, action job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[diagnosisArgs](action)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the arguments of a diagnosis: %w", err)
	}
	if s.ports.Letters == nil {
		return job.Outcome{}, errors.New("no mail server is configured")
	}
	m, err := s.meant(ctx, string(action.Secret))
	if fault.Is(err, fault.NotFound) {
		return job.Moot("personne n’est connu sous ce nom"), nil
	}
	if err != nil {
		return job.Outcome{}, err
	}
	to := m.PrimaryEmail
	if args.Kind == "secondary" {
		to = m.SecondaryEmail
	}
	if to == "" {
		return job.Moot("la personne n’a pas cette adresse"), nil
	}
	facts, err := s.facts(ctx, m, letterBudget)
	if err != nil {
		return job.Outcome{}, err
	}
	letter := DiagnosisLetter{Fullname: m.Fullname, Diagnosis: Diagnose(facts), BaseURL: s.config.BaseURL, Support: s.config.SupportEmail}
	if err := s.ports.Letters.SendDiagnosis(ctx, action.Key, to, letter); err != nil {
		return job.Outcome{}, err
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: "system", Code: CodeDiagnosisSent, Member: m.ID, Subject: m.Username, Reason: "code " + letter.Diagnosis.Code,
		})
	}), nil
}

// meant finds the member of an address or of a username; NotFound when there is none.
func (s *Service) meant(ctx context.Context, target string) (member.Member, error) {
	if strings.Contains(target, "@") {
		return member.ByAddress(ctx, s.db, target)
	}
	return member.ByUsername(ctx, s.db, target)
}

// Support gives the address of the team.
func (s *Service) Support() string { return s.config.SupportEmail }
