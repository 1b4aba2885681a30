// Package e2e holds the end-to-end tests: they build the real program, start its demonstration in
// a folder of their own, and use it from outside only, as people and scripts do — pages over HTTP
// or in a real browser, commands, mails caught by the sandbox. Nothing here calls the code.
//
// They run with « make e2e ». « go test -short » skips them.
package e2e
