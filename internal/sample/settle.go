package sample

import (
	"hash/fnv"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// draw tells whether a person is among one in so many, for a purpose: always the same ones, and
// independently of other purposes.
func draw(username, purpose string, oneIn uint32) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(purpose + "/" + username)) // a hash never fails
	return h.Sum32()%oneIn == 0
}

// newcomer is for how many days somebody is still arriving.
const newcomer = 10

// missions gives the periods in the words of the member room.
func (p publicPerson) missions() []member.Mission {
	missions := make([]member.Mission, len(p.Periods))
	for i, x := range p.Periods {
		missions[i] = member.Mission{Start: x.Start, End: x.End, Status: x.Status}
	}
	return missions
}

// settle makes up the addresses and the state of a person on a day.
func (p publicPerson) settle(s Settings) resident {
	r := resident{Username: p.Username, Fullname: p.Fullname, Domain: p.Domain, Plan: p.Plan}
	if r.Plan == "" {
		r.Plan = s.DefaultPlan
	}
	if r.Plan == "" {
		r.Plan = basicPlan
	}
	missions := p.missions()
	first := firstStart(missions, s.Today)
	r.life = p.addresses(s.Domain, missions)
	r.Since = first.At(10, 0)
	verified := first.At(9, 0)
	r.VerifiedAt = &verified
	if !member.IsActive(missions, s.Today) {
		if end := member.LastEnd(missions); !end.IsZero() {
			r.Gone = s.Today.Sub(end)
			r.life = departed(r.life, end, s.Today, s.Domain)
		} else {
			r.Status, r.Primary, r.VerifiedAt, r.Gone = member.StatusUnset, "", nil, unlisting
		}
		return r
	}
	if s.Today.Sub(earliest(missions)) < newcomer {
		p.arrive(&r, s, missions)
	}
	return r
}

// arrive puts a newcomer at some point of the arrival.
func (p publicPerson) arrive(r *resident, s Settings, missions []member.Mission) {
	r.Since = s.Today.At(0, 0)
	switch {
	case earliest(missions).After(s.Today) || draw(p.Username, "unverified", 3):
		r.Status, r.Primary, r.VerifiedAt, r.Communication = member.StatusVerificationWaiting, "", nil, "primary"
		if r.Secondary == "" {
			r.Secondary = p.Username + secondary
		}
	case r.Redirection || isService(r.Primary):
	case draw(p.Username, "waiting", 4):
		r.Status, r.Primary = member.StatusCreationWaiting, ""
	default:
		r.Status = member.StatusPasswordPending
	}
}

// addresses makes up those of somebody settled in: one in seventy, besides those whom the site
// says so, is an attributaire; one public agent in four keeps the address of an administration;
// one person in twenty has no secondary address; one in ten is written to there.
func (p publicPerson) addresses(domain string, missions []member.Mission) life {
	l := life{Status: member.StatusActive, Primary: p.Username + "@" + domain, Secondary: p.Username + secondary, Communication: "primary"}
	latest, _ := member.LatestMission(missions)
	switch {
	case p.Domain == "Attributaire" || p.Type == "attributaire" || draw(p.Username, "attributaire", 70):
		l.Status, l.Redirection, l.Primary = member.StatusRedirectionActive, true, p.Username+attrSuffix+"@"+domain
		return l
	case latest.Status == "admin" && draw(p.Username, "agent", 4):
		l.Primary = p.Username + "@" + administration(p.Username) + service
		if draw(p.Username, "agent alone", 2) {
			l.Secondary = ""
		}
	case draw(p.Username, "password", 40):
		l.Status = member.StatusPasswordPending
	}
	switch {
	case draw(p.Username, "no secondary", 20):
		l.Secondary = ""
	case l.Secondary != "" && draw(p.Username, "written elsewhere", 10):
		l.Communication = "secondary"
	}
	return l
}

func administration(username string) string {
	switch {
	case draw(username, "ministry", 3):
		return "ministere-exemple"
	case draw(username, "agency", 2):
		return "agence-exemple"
	}
	return "prefecture-exemple"
}

// earliest gives the day of the first mission; zero without any.
func earliest(missions []member.Mission) clock.Day {
	var first clock.Day
	for _, m := range missions {
		if first.IsZero() || m.Start.Before(first) {
			first = m.Start
		}
	}
	return first
}

// firstStart is the day of the first mission, today at the latest.
func firstStart(missions []member.Mission, today clock.Day) clock.Day {
	first := earliest(missions)
	if first.IsZero() || first.After(today) {
		return today
	}
	return first
}
