package sample

import (
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// life is the state of a person's addresses.
type life struct {
	Status        member.Status
	Since         time.Time
	Primary       string
	Secondary     string
	Communication string // primary or secondary
	Redirection   bool
	VerifiedAt    *time.Time
}

// resident is a made-up person, as the vendors should know them.
type resident struct {
	Username, Fullname, Domain string
	life
	Plan string // of the mailbox
	Gone int    // days since the last end; negative or zero: still there
}

// The days of a departure, counted from the last end.
const (
	suspension = 5               // a mailbox is suspended, a foreign address expires
	deletion   = suspension + 30 // a suspended mailbox is deleted
	unlisting  = 30              // contact lists are left
	attrEnd    = 1               // the redirection of an attributaire is removed
	secondary  = "@exemple.test" // secondary addresses: nobody's, for ever
	service    = ".gouv.test"    // end of the made-up public-service addresses
	attrSuffix = "-attr"         // after the username of a redirection
	basicPlan  = "EMAIL_PLAN_BASIC"
)

// departed gives the state of an address for somebody whose last mission is over, on the day
// when the jobs have done all that they should.
func departed(l life, end, today clock.Day, domain string) life {
	gone := today.Sub(end)
	switch {
	case l.Redirection && gone >= attrEnd:
		l.Status, l.Since, l.Primary = member.StatusDeleted, end.Add(attrEnd).At(8, 0), ""
	case l.Redirection || gone < suspension:
		return l
	case !strings.HasSuffix(l.Primary, "@"+domain):
		l.Status, l.Since = member.StatusExpired, end.Add(suspension).At(15, 0)
	case gone < deletion:
		l.Status, l.Since = member.StatusSuspended, end.Add(suspension).At(14, 0)
	default:
		l.Status, l.Since, l.Primary = member.StatusDeleted, end.Add(deletion).At(15, 0), ""
	}
	if first := today.At(0, 0); l.Since.After(first) { // due today: done as the day began
		l.Since = first
	}
	return l
}

// farewell is the event of the history that tells the last step of a departure, so that whoever
// looks for a former address finds it.
func farewell(r resident, domain string) (audit.Event, bool) {
	e := audit.Event{
		At: r.Since, Actor: "system", Code: member.CodeStatusChanged, Subject: r.Username,
		After: map[string]string{"status": string(r.Status), "primary_email": r.Primary},
	}
	former := map[string]string{"status": string(member.StatusActive), "primary_email": r.Primary}
	switch {
	case r.Status == member.StatusDeleted && r.Redirection:
		e.Reason = "Redirection supprimée : la mission est finie"
		former["status"], former["primary_email"] = string(member.StatusRedirectionActive), r.Username+attrSuffix+"@"+domain
	case r.Status == member.StatusDeleted:
		e.Reason = "Boîte supprimée 30 jours après sa suspension"
		former["status"], former["primary_email"] = string(member.StatusSuspended), r.Username+"@"+domain
	case r.Status == member.StatusSuspended:
		e.Reason = "Mission finie depuis 5 jours"
	case r.Status == member.StatusExpired:
		e.Reason = "Mission finie depuis 5 jours, adresse extérieure"
	default:
		return e, false
	}
	e.Before = former
	return e, true
}
