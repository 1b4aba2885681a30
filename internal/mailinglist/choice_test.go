package mailinglist_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func as(username string, id uuid.UUID) actor.Actor {
	return actor.Actor{ID: id, Username: username, Standing: actor.Active}
}

func (w *world) follow() {
	w.t.Helper()
	if _, err := w.requests.Apply(w.t.Context(), w.db, w.room.Jobs()); err != nil {
		w.t.Fatal(err)
	}
}

func TestRefusalIsStrongerThanTheJob(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.due", secondary: "anne@perso.fr"})
	anne := as("anne.due", id)
	w.ovh.AddList("incubateur", "anne.due@exemple.org", "anne@perso.fr", "reste@exemple.org")
	if err := w.room.Choose(t.Context(), anne, id, mailinglist.Members, false); err != nil {
		t.Fatal(err)
	}
	asked := w.requests.Pending()
	if len(asked) != 1 || asked[0].Queue != job.QueueUrgent || asked[0].Mode != job.State || asked[0].Verb != "désinscrire" || strings.Contains(asked[0].Key, "@") {
		t.Fatalf("asked %+v", asked)
	}
	w.follow()
	w.expect("list", w.on("incubateur"), "reste@exemple.org")
	w.expectPlan(subscribe, "population 1", "laisser anne.due : ne souhaite pas recevoir cette liste")
	choices, err := w.room.Choices(t.Context(), anne, id)
	if err != nil || len(choices) != 1 || !choices[0].Refused() || choices[0].Title == "" {
		t.Errorf("%+v, %v", choices, err)
	}
	if err := w.room.Choose(t.Context(), anne, id, mailinglist.Members, false); err != nil || len(w.requests.Pending()) != 0 {
		t.Errorf("the same again: %v, %d requests", err, len(w.requests.Pending()))
	}
	w.clock.Advance(time.Second)
	if err := w.room.Choose(t.Context(), anne, id, mailinglist.Members, true); err != nil {
		t.Fatal(err)
	}
	w.follow()
	w.expect("list", w.on("incubateur"), "anne.due@exemple.org", "reste@exemple.org")
	for code, want := range map[string]string{"MEMBER_LIST_REFUSED": "1", "MEMBER_LIST_ACCEPTED": "1"} {
		if n := w.one(`SELECT count(*)::text FROM audit_event WHERE code = $1 AND actor = 'anne.due' AND member_id = $2`, code, id); n != want {
			t.Errorf("%s: %s events", code, n)
		}
	}
}

func TestChoicesOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.due"})
	other := as("bea.other", w.add(person{username: "bea.other"}))
	admin := as("admin.member", w.add(person{username: "admin.member"}))
	admin.Admin = true
	for name, who := range map[string]actor.Actor{"nobody": {}, "another member": other, "an administrator": admin} {
		_, err := w.room.Choices(t.Context(), who, id)
		refused(t, err, fault.Forbidden)
		if err := w.room.Choose(t.Context(), who, id, mailinglist.Members, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	anne := as("anne.due", id)
	if err := w.room.Choose(t.Context(), anne, id, "autre", false); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown list: %v", err)
	}
	if err := w.room.Choose(t.Context(), anne, uuid.New(), mailinglist.Members, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown member: %v", err)
	}
	if n := w.one(`SELECT count(*)::text FROM list_refusal`); n != "0" || len(w.requests.Pending()) != 0 {
		t.Errorf("%s refusals", n)
	}
}

func TestChoiceThatCannotBeFollowed(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.gone", end: "2024-12-01"})
	anne := as("anne.gone", id)
	anne.Standing = actor.Limited
	w.exec(`INSERT INTO list_refusal VALUES ($1, 'incubateur', $2, 'link')`, id, w.clock.Now())
	w.ovh.AddList("incubateur", "reste@exemple.org")
	if err := w.room.Choose(t.Context(), anne, id, mailinglist.Members, true); err != nil {
		t.Fatal(err)
	}
	w.follow()
	w.expect("list: who has left is not subscribed", w.on("incubateur"), "reste@exemple.org")
	w.room = mailinglist.New(w.db, w.clock, mailinglist.Ports{Requester: w.requests}, mailinglist.Config{Domain: domain})
	w.clock.Advance(time.Second)
	if err := w.room.Choose(t.Context(), anne, id, mailinglist.Members, false); err != nil {
		t.Fatal(err)
	}
	outcomes, err := w.requests.Apply(t.Context(), w.db, w.room.Jobs())
	if err != nil || len(outcomes) != 1 || outcomes[0].Moot == "" {
		t.Errorf("without OVH: %+v, %v", outcomes, err)
	}
}

func TestLinks(t *testing.T) {
	links := mailinglist.Links{BaseURL: "https://espace.exemple.org/", Key: []byte("clé")}
	id := uuid.New()
	address, err := url.Parse(links.Leave(id, mailinglist.Members))
	if err != nil || address.Host != "espace.exemple.org" || address.Path != "/lists/unsubscribe" {
		t.Fatalf("%s, %v", address, err)
	}
	good := address.Query()
	if link, err := links.Read(good); err != nil || link.Member != id || link.About.List != mailinglist.Members {
		t.Errorf("%+v, %v", link, err)
	}
	change := func(name, value string) url.Values {
		q, _ := url.ParseQuery(good.Encode())
		q.Set(name, value)
		return q
	}
	for name, q := range map[string]url.Values{
		"another person": change("membre", uuid.NewString()), "no person": change("membre", ""), "another list": change("liste", "autre"),
		"no signature": change("signature", ""), "cut signature": change("signature", good.Get("signature")[:10]), "nothing": {},
	} {
		if _, err := links.Read(q); !fault.Is(err, fault.Invalid) || fault.Public(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (mailinglist.Links{Key: []byte("autre clé")}).Read(good); !fault.Is(err, fault.Invalid) {
		t.Errorf("another key: %v", err)
	}
	if _, err := (mailinglist.Links{}).Read(good); !fault.Is(err, fault.Invalid) {
		t.Errorf("no key: %v", err)
	}
}

func TestRefusalByLink(t *testing.T) {
	w := newWorld(t)
	id := w.add(person{username: "anne.due"})
	w.ovh.AddList("incubateur", "anne.due@exemple.org")
	link := mailinglist.Link{Member: id, About: mailinglist.About{List: mailinglist.Members}}
	for range 2 {
		if err := w.room.ChooseByLink(t.Context(), link, false); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := w.room.RefusesByLink(t.Context(), link); err != nil || !got {
		t.Errorf("%v, %v", got, err)
	}
	w.follow()
	w.expect("list", w.on("incubateur"))
	if via := w.one(`SELECT via FROM list_refusal WHERE member_id = $1`, id); via != "link" {
		t.Errorf("via %s", via)
	}
	if who := w.one(`SELECT actor FROM audit_event WHERE code = 'MEMBER_LIST_REFUSED'`); who != "anne.due" {
		t.Errorf("actor %s", who)
	}
	if err := w.room.ChooseByLink(t.Context(), link, true); err != nil {
		t.Fatal(err)
	}
	gone := mailinglist.Link{Member: uuid.New(), About: link.About}
	if err := w.room.ChooseByLink(t.Context(), gone, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody erased: %v", err)
	}
	if _, err := w.room.RefusesByLink(t.Context(), gone); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody erased: %v", err)
	}
}

func TestWhoWantsTheListAgainReceivesItAtThePreferredAddress(t *testing.T) {
	w := newWorld(t)
	w.crowd()
	id := w.add(person{username: "anne.due", secondary: "anne@perso.fr", prefers: "secondary", refused: true})
	if err := w.room.Choose(t.Context(), actor.Actor{ID: id, Username: "anne.due", Standing: actor.Active}, id, mailinglist.Members, true); err != nil {
		t.Fatal(err)
	}
	w.apply(w.requests.Take()[0])
	w.expect("incubateur", w.on("incubateur"), "anne@perso.fr", "reste@exemple.org")
}
