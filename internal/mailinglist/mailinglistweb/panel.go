package mailinglistweb

import (
	"fmt"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// count says a number of mails.
func count(times int) string {
	if times == 1 {
		return "1 mail"
	}
	return fmt.Sprintf("%d mails", times)
}

// between says when mails did not arrive.
func between(n mailinglist.Note) string {
	first, last := clock.DayOf(n.FirstAt), clock.DayOf(n.LastAt)
	if first == last {
		return "le " + last.French()
	}
	return "entre le " + first.French() + " et le " + last.French()
}
