// Package dsfr is the State's design system (DSFR 1.15) as typed components: one templ function
// a component, a struct of parameters where there are more than three. Components print and
// choose, nothing else. Every one of them works without script, in both themes, and ties its
// messages to its fields for screen readers. The gallery at /components, which only the demo
// serves, shows them all.
package dsfr
