package profileweb

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// showAvatar serves GET /community/{username}/avatar: the picture, or a drawing of the initials.
func (p *Pages) showAvatar(w http.ResponseWriter, r *http.Request) error {
	avatar, err := p.profile.Avatar(r.Context(), web.Viewer(r), r.PathValue("username"), r.Header.Get("If-None-Match"))
	if err != nil && !fault.Is(err, fault.Unavailable) {
		return err
	}
	header := w.Header()
	header.Set("Cache-Control", "private, no-cache")
	if avatar.Tag != "" {
		header.Set("ETag", avatar.Tag)
	}
	switch {
	case avatar.Unchanged:
		w.WriteHeader(http.StatusNotModified)
		return nil
	case len(avatar.File.Content) == 0:
		header.Set("Content-Type", "image/svg+xml; charset=utf-8")
		return initials(initialsOf(avatar.Fullname)).Render(r.Context(), w)
	}
	header.Set("Content-Type", avatar.File.MediaType)
	header.Set("Content-Disposition", `attachment; filename="`+r.PathValue("username")+`.jpg"`)
	http.ServeContent(w, r, "", avatar.File.UpdatedAt, bytes.NewReader(avatar.File.Content))
	return nil
}

// initialsOf gives one or two capitals of a name.
func initialsOf(fullname string) string {
	words := strings.Fields(fullname)
	if len(words) == 0 {
		return "?"
	}
	first := string([]rune(words[0])[:1])
	if len(words) > 1 {
		first += string([]rune(words[len(words)-1])[:1])
	}
	return strings.ToUpper(first)
}

// photoPage is the form of a picture.
type photoPage struct {
	Fullname string
	Username string
	Own      bool
	Has      bool
	Late     bool // the storage does not answer
	Error    string
}

func (f photoPage) base() string {
	if f.Own {
		return accountPath
	}
	return "/community/" + f.Username
}

// photoOwner tells whose picture a request is about.
func photoOwner(r *http.Request) (username string, own bool) {
	if username = r.PathValue("username"); username == "" {
		return web.Viewer(r).Username, true
	}
	return username, false
}

// showPhoto serves GET /account/photo and GET /community/{username}/photo.
func (p *Pages) showPhoto(w http.ResponseWriter, r *http.Request) error {
	return p.renderPhoto(w, r, http.StatusOK, "")
}

func (p *Pages) renderPhoto(w http.ResponseWriter, r *http.Request, status int, message string) error {
	username, own := photoOwner(r)
	record, err := p.profile.Record(r.Context(), web.Viewer(r), username)
	if err != nil {
		return err
	}
	if err := member.Can(web.Viewer(r), member.ChangeAvatar, record.Subject); err != nil {
		return err
	}
	page := photoPage{Fullname: record.Member.Fullname, Username: username, Own: own, Error: message}
	page.Has, err = p.profile.HasAvatar(r.Context(), username)
	if page.Late = fault.Is(err, fault.Unavailable); err != nil && !page.Late {
		return err
	}
	links := []dsfr.Link{{Label: "Membres", Href: "/community"}, {Label: page.Fullname, Href: page.base()}, {Label: "Photo"}}
	if own {
		links = []dsfr.Link{{Label: "Compte", Href: accountPath}, {Label: "Photo"}}
	}
	return web.Render(w, r, status, web.Page{Title: "Photo de profil", Breadcrumb: links, Body: photoBody(page)})
}

// changePhoto serves POST /account/photo and POST /community/{username}/photo.
func (p *Pages) changePhoto(w http.ResponseWriter, r *http.Request) error {
	username, own := photoOwner(r)
	raw, err := received(r)
	if err == nil {
		err = p.profile.ChangeAvatar(r.Context(), web.Viewer(r), username, raw)
	}
	if messages, ok := web.Invalid(err); ok {
		return p.renderPhoto(w, r, http.StatusUnprocessableEntity, messages["photo"])
	}
	if fault.Is(err, fault.Unavailable) {
		return p.renderPhoto(w, r, http.StatusServiceUnavailable, "Les photos ne peuvent pas être enregistrées pour l’instant : rien n’est changé, réessaie dans un moment.")
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, "La photo est changée.")
	return web.SeeOther(w, r, photoPage{Username: username, Own: own}.base())
}

// received reads the file of the form.
func received(r *http.Request) ([]byte, error) {
	file, _, err := r.FormFile("photo")
	if _, heavy := errors.AsType[*http.MaxBytesError](err); heavy {
		return nil, err
	}
	if err != nil { // no file, or not a form with files
		return nil, fault.Field("photo", "Choisis une image à envoyer.")
	}
	defer func() { _ = file.Close() }() // read only
	return io.ReadAll(file)
}

// deletePhoto serves POST /account/photo/delete and POST /community/{username}/photo/delete.
func (p *Pages) deletePhoto(w http.ResponseWriter, r *http.Request) error {
	username, own := photoOwner(r)
	err := p.profile.DeleteAvatar(r.Context(), web.Viewer(r), username)
	if fault.Is(err, fault.Unavailable) {
		return p.renderPhoto(w, r, http.StatusServiceUnavailable, "La photo ne peut pas être supprimée pour l’instant : réessaie dans un moment.")
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, "La photo est supprimée : les initiales la remplacent.")
	return web.SeeOther(w, r, photoPage{Username: username, Own: own}.base())
}
