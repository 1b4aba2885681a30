package consoleweb

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

const lettersPath = "/admin/emails"

// showLetters serves GET /admin/emails.
func (p *Pages) showLetters(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: "Messages envoyés par le portail", Breadcrumb: crumbs(dsfr.Link{Label: "Messages"}), Body: lettersBody(p.lettersTable(), len(p.letters)),
	})
}

func (p *Pages) lettersTable() dsfr.TableParams {
	t := dsfr.TableParams{Caption: "Messages", HideCaption: true, Columns: []dsfr.Column{
		{Label: "Message"}, {Label: "Objet"}, {Label: "Quand il part"}, {Label: "Peut être refusé"},
	}}
	for _, s := range p.letters {
		t.Rows = append(t.Rows, []templ.Component{letterLink(s), dsfr.Text(s.Letter.Subject), dsfr.Text(s.When), refusable(s)})
	}
	return t
}

func (p *Pages) letter(r *http.Request) (mail.Specimen, error) {
	name := r.PathValue("name")
	for _, s := range p.letters {
		if s.Name == name {
			return s, nil
		}
	}
	return mail.Specimen{}, fault.New(fault.NotFound, "Aucun message ne porte ce nom.", "no letter has this name")
}

// showLetter serves GET /admin/emails/{name}.
func (p *Pages) showLetter(w http.ResponseWriter, r *http.Request) error {
	s, err := p.letter(r)
	if err != nil {
		return err
	}
	web.ShowFrames(w)
	return web.Render(w, r, http.StatusOK, web.Page{
		Title: s.Title, Breadcrumb: crumbs(dsfr.Link{Label: "Messages", Href: lettersPath}, dsfr.Link{Label: s.Title}), Body: letterBody(s),
	})
}

// showLetterHTML serves GET /admin/emails/{name}/html: the HTML part alone.
func (p *Pages) showLetterHTML(w http.ResponseWriter, r *http.Request) error {
	s, err := p.letter(r)
	if err != nil {
		return err
	}
	document, err := s.Letter.HTML()
	if err != nil {
		return fmt.Errorf("preview %s: %w", s.Name, err)
	}
	return web.Framed(w, document)
}

func pathOf(s mail.Specimen) string { return lettersPath + "/" + s.Name }
