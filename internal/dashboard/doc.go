// Package dashboard is the home of the portal and its fixed pages. It composes what other
// rooms show and stores nothing.
package dashboard
