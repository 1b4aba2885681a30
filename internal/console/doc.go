// Package console is what administrators look at: the letters that the product sends, and the mails
// that did not arrive. It decides nothing and writes nowhere: each thing belongs to its own room.
//
// Tables: none.
package console
