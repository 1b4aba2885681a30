package offboarding

import (
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// addressRules are what becomes of the primary address, then of the secondary one.
func addressRules(f Facts, today clock.Day) []rule {
	redirections, suspension, expiry := redirectionRule(f, today), suspensionRule(f, today), expiryRule(f, today)
	deletion := deletionRule(f, today, f.moment(suspension))
	last := map[AddressKind]rule{Mailbox: deletion, Redirection: redirections, Foreign: expiry}[f.Address]
	return []rule{redirections, suspension, expiry, deletion, secondaryRule(f, f.moment(last))}
}

// moment is the day on which a step was done, or may be done at the earliest; zero when it is
// not to be.
func (f Facts) moment(r rule) clock.Day {
	if r.done && !r.doneOn.IsZero() {
		return r.doneOn
	}
	hold, held := f.Holds.Of(f.ID, r.id)
	if r.unconcerned != "" || r.due.IsZero() || held && hold.Until.IsZero() {
		return clock.Day{}
	}
	return later(r.due, f.Holds.Resumed(f.ID, r.id))
}

// notOurs says why a step that only mailboxes know does not concern another address.
func (f Facts) notOurs() string {
	return map[AddressKind]string{
		Redirection: "l’adresse est une redirection, pas une boîte", Foreign: "l’adresse n’est pas gérée par la communauté", NoAddress: "aucune adresse principale",
	}[f.Address]
}

// became tells whether the address reached a state since the departure, and on which day (zero:
// unknown).
func (f Facts) became(today clock.Day, statuses ...member.Status) (bool, clock.Day) {
	if !f.left(today) {
		return false, clock.Day{}
	}
	reached, day := false, clock.Day{}
	for _, status := range statuses {
		for _, c := range f.Changes {
			if c.Status == status {
				reached, day = true, later(day, c.Day)
			}
		}
		if f.Status == status {
			reached, day = true, later(day, f.StatusDay)
		}
	}
	return reached, day
}

func redirectionRule(f Facts, today clock.Day) rule {
	r := rule{
		id: member.StepRedirections, title: "Suppression des redirections", due: f.End.Add(afterRedirections), sweep: true,
		jobs: []string{"deleteRedirectionsAfterQuitting"}, stop: "les redirections de ton adresse sont supprimées",
	}
	switch f.Address {
	case Redirection:
		r.title, r.sweep, r.stop = "Suppression de l’adresse, qui est une redirection", false, "ton adresse"+f.named()+", qui est une redirection, cesse de fonctionner"
		r.done, r.doneOn = f.became(today, member.StatusDeleted)
	case Foreign, NoAddress:
		r.unconcerned = f.notOurs()
	case Mailbox:
	}
	return r
}

// named is the address after a word, while it is known.
func (f Facts) named() string {
	if f.Primary == "" {
		return ""
	}
	return " " + f.Primary
}

func suspensionRule(f Facts, today clock.Day) rule {
	r := rule{
		id: member.StepSuspension, title: "Suspension de la boîte", due: f.End.Add(afterSuspension), jobs: []string{"reinitPasswordEmail"},
		stop: "ta boîte" + f.named() + " est suspendue, tu ne peux plus la lire", unconcerned: f.notOurs(),
	}
	if f.Address != Mailbox {
		return f.behind(r, "Verrouillage de la boîte restante", "ton ancienne boîte de la communauté est verrouillée, tu ne peux plus la lire")
	}
	if r.done, r.doneOn = f.became(today, member.StatusSuspended); !r.done {
		r.done, _ = f.became(today, member.StatusDeleted)
	}
	return r
}

// behind makes the step of a mailbox that of one left behind, beside an address that is not a
// mailbox of ours, when the jobs have found one.
func (f Facts) behind(r rule, title, stop string) rule {
	if f.seen(r.jobs).state == "" && r.unconcerned != "" {
		return r
	}
	r.title, r.stop, r.unconcerned = title, stop, ""
	return r
}

func expiryRule(f Facts, today clock.Day) rule {
	r := rule{
		id: member.StepExpiry, title: "Adresse marquée comme expirée", due: f.End.Add(afterExpiry), jobs: []string{"setEmailExpired"},
		unconcerned: "l’adresse est gérée par la communauté",
	}
	switch f.Address {
	case Foreign:
		r.unconcerned = ""
		r.done, r.doneOn = f.became(today, member.StatusExpired)
	case NoAddress:
		r.unconcerned = f.notOurs()
	case Mailbox, Redirection:
	}
	return r
}

func deletionRule(f Facts, today, suspended clock.Day) rule {
	r := rule{
		id: member.StepDeletion, title: "Suppression de la boîte", jobs: []string{"deleteOVHEmailAcounts"},
		stop: "ta boîte est supprimée, avec les messages qu’elle contient", unconcerned: f.notOurs(),
	}
	if f.Address != Mailbox {
		r.due = f.End.Add(afterSuspension + deletionAfter)
		if locked := f.seen([]string{"reinitPasswordEmail"}); locked.state == Done {
			r.due, r.unconcerned = locked.day.Add(deletionAfter), ""
		}
		return f.behind(r, "Suppression de la boîte restante", "ton ancienne boîte de la communauté est supprimée, avec les messages qu’elle contient")
	}
	if suspended.IsZero() {
		r.unconcerned = "une boîte qui n’est pas suspendue n’est pas supprimée"
	} else {
		r.due = suspended.Add(deletionAfter)
	}
	r.done, r.doneOn = f.became(today, member.StatusDeleted)
	return r
}

func secondaryRule(f Facts, gone clock.Day) rule {
	r := rule{
		id: member.StepSecondary, title: "Effacement de l’adresse secondaire", jobs: []string{"deleteSecondaryEmailsForUsers"},
		stop: "ton adresse secondaire est effacée de ta fiche",
	}
	switch {
	case !f.Secondary:
		r.unconcerned = "aucune adresse secondaire"
	case gone.IsZero():
		r.unconcerned = "l’adresse principale n’est pas supprimée"
	}
	if !gone.IsZero() {
		r.due = gone.Add(secondaryAfter)
	}
	return r
}
