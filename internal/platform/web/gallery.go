package web

import (
	"fmt"
	"net/http"
)

// gallery is the module of /components, which shows every component of dsfr.
func gallery() Module {
	return Module{Room: "web", Routes: []Route{Get("/components", Public, showGallery)}}
}

func showGallery(w http.ResponseWriter, r *http.Request) error {
	return Render(w, r, http.StatusOK, Page{Title: "Composants", Body: galleryPage()})
}

func galleryAddress(page int) string { return fmt.Sprintf("/components?page=%d", page) }
