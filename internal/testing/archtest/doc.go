// Package archtest checks the rules of the house on its own source: who may import whom, and
// habits that no compiler holds (no init, no environment read, no mutable package variable,
// writes only in one's own tables, no hidden clock in SQL, no test skipped without a reason).
//
// The tables are data, with a reason a line; layers.go is the place to change when a room or a
// platform package is born. Each rule is itself tested on small bad inputs.
package archtest
