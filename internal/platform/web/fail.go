package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// statusError is an error that is about HTTP itself.
type statusError struct {
	status int
	public string        // French; empty: the sentence of the status
	retry  time.Duration // 429 only
}

// Error gives the English text.
func (e statusError) Error() string { return http.StatusText(e.status) }

// TooMany refuses a request made too often: 429, with the wait when it is known.
func TooMany(public string, retry time.Duration) error {
	return statusError{status: http.StatusTooManyRequests, public: public, retry: retry}
}

// statusOf maps an error to a status, its public sentence and the wait before another try.
func statusOf(err error) (status int, public string, retry time.Duration) {
	if own, ok := errors.AsType[statusError](err); ok {
		return own.status, own.public, own.retry
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, "", 0
	}
	public, retry = fault.Public(err), fault.RetryAfter(err)
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusUnprocessableEntity, public, 0
	case fault.NotFound:
		return http.StatusNotFound, public, 0
	case fault.Forbidden:
		return http.StatusForbidden, public, 0
	case fault.Conflict:
		return http.StatusConflict, public, 0
	case fault.Unavailable:
		return http.StatusServiceUnavailable, public, retry
	}
	return http.StatusInternalServerError, "", 0
}

// fail turns an error into a page, or into JSON for a machine. It is the border of the web:
// what nobody expected is logged here, once.
func (s *shell) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, public, retry := statusOf(err)
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the browser left
	}
	s.logFailure(r, status, err)
	if written(w) {
		return // too late for a page
	}
	if retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.Seconds()))))
	}
	w.Header().Del("Content-Encoding")
	w.Header().Set("Cache-Control", "no-store")
	if isAPI(r) {
		writeProblem(w, status, public)
		return
	}
	page := errorPage(errorTexts(status, public), RequestID(r), Viewer(r))
	if err := Render(w, r, status, Page{Title: titleOf(status), Body: page}); err != nil {
		s.config.Logger.ErrorContext(r.Context(), "error page not rendered", slog.String("request", RequestID(r)), slog.Any("error", err))
		http.Error(w, "Une erreur est survenue.", status)
	}
}

func (s *shell) logFailure(r *http.Request, status int, err error) {
	level := slog.LevelDebug
	switch {
	case status == http.StatusServiceUnavailable:
		level = slog.LevelWarn
	case status >= 500:
		level = slog.LevelError
	}
	info := infoOf(r.Context())
	s.config.Logger.Log(r.Context(), level, "request failed", slog.String("request", info.id), slog.String("method", r.Method),
		slog.String("route", info.pattern), slog.Int("status", status), slog.Any("error", err))
}

func writeProblem(w http.ResponseWriter, status int, public string) {
	if public == "" {
		public = errorTexts(status, "").Text
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A browser that left cannot be told.
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"message": public}})
}

func (s *shell) notFound(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, statusError{status: http.StatusNotFound})
}

func (s *shell) crossOrigin(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, statusError{
		status: http.StatusForbidden,
		public: "Cette demande venait d’un autre site : elle n’a pas été prise en compte. Recommence depuis l’Espace Membre.",
	})
}

// errorText is what an error page says.
type errorText struct {
	Status  int
	Heading string
	Text    string
	Ours    bool // our mistake: show how to report it
}

func titleOf(status int) string { return errorTexts(status, "").Heading }

// errorTexts chooses the words of a status; public replaces the sentence.
func errorTexts(status int, public string) errorText {
	t, ok := statusTexts[status]
	if !ok {
		t = statusTexts[http.StatusInternalServerError]
	}
	t.Status = status
	if public != "" {
		t.Text = public
	}
	return t
}

var statusTexts = map[int]errorText{
	400: {Heading: "Demande incomprise", Text: "L’adresse ou le formulaire envoyé n’est pas valide."},
	401: {Heading: "Connexion nécessaire", Text: "Authentification requise."},
	403: {Heading: "Accès refusé", Text: "Tu n’as pas le droit de voir cette page ou de faire cette action."},
	404: {Heading: "Page non trouvée", Text: "La page que tu cherches n’existe pas ou n’existe plus. Vérifie son adresse, ou repars de l’accueil."},
	405: {Heading: "Action impossible", Text: "Cette page ne sait pas répondre à cette demande. Repars de la page précédente."},
	409: {Heading: "Action contradictoire", Text: "Quelqu’un a peut-être changé cette fiche entre-temps. Recharge la page et recommence."},
	413: {Heading: "Envoi trop lourd", Text: "Ce que tu envoies dépasse la taille acceptée."},
	422: {Heading: "Formulaire à corriger", Text: "Certaines informations ne sont pas acceptées. Reviens au formulaire pour les corriger."},
	429: {Heading: "Trop de demandes", Text: "Tu as fait beaucoup de demandes en peu de temps. Attends un peu, puis recommence."},
	500: {Heading: "Une erreur est survenue", Text: "Quelque chose s’est mal passé de notre côté. Réessaie dans un instant.", Ours: true},
	503: {Heading: "Service momentanément indisponible", Text: "Un service dont nous avons besoin ne répond pas. Réessaie dans quelques minutes.", Ours: true},
}

// alertFor gives the tone of a flash; an unknown one is Info.
func alertFor(kind dsfr.Severity) dsfr.Severity {
	switch kind {
	case dsfr.Success, dsfr.Warning, dsfr.Error:
		return kind
	}
	return dsfr.Info
}
