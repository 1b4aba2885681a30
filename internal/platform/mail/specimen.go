package mail

// Specimen is one kind of letter, filled with made-up data. Each mail package of a room lists its
// own (a function Specimens); administrators preview them at /admin/emails, and tests hold every
// one against the rules of letters.
type Specimen struct {
	Name   string // unique, also in addresses: "<room>.<letter>", lower case, digits, points and dashes
	Title  string // French: what the letter is for
	Room   string // folder of the room that sends it
	When   string // French: what makes it leave, one sentence
	Letter Letter
}

// Refusable tells whether the letter shows a way out.
func (s Specimen) Refusable() bool { return s.Letter.Leave != nil }
