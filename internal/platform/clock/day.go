package clock

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Day is a calendar date, without hour or zone. The zero Day means "no date" and is
// stored as NULL: an open-ended mission has a zero end.
type Day struct {
	// days since 0001-01-01, plus one, so that the zero value is "no date"
	n int32
}

const dayLayout = "2006-01-02"

var dayOne = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// Date makes a day from its parts; out-of-range parts are normalised as time.Date does.
func Date(year int, month time.Month, day int) Day {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return Day{int32((t.Unix()-dayOne.Unix())/86400) + 1}
}

// DayOf gives the day of an instant in Europe/Paris.
func DayOf(t time.Time) Day {
	y, m, d := t.In(paris).Date()
	return Date(y, m, d)
}

// Today gives the current day in Europe/Paris.
func Today(c Clock) Day { return DayOf(c.Now()) }

// ParseDay reads YYYY-MM-DD; the empty text is the zero Day. Years 1 to 9999.
func ParseDay(text string) (Day, error) {
	if text == "" {
		return Day{}, nil
	}
	t, err := time.Parse(dayLayout, text)
	if err != nil {
		return Day{}, fmt.Errorf("not a day (YYYY-MM-DD): %q", text)
	}
	return Date(t.Date()), nil
}

// MustDay is ParseDay for literals of tests and samples; it panics on anything else.
func MustDay(text string) Day {
	d, err := ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero tells whether there is no date.
func (d Day) IsZero() bool { return d.n == 0 }

// utc gives midnight UTC of the day, for calendar arithmetic only.
func (d Day) utc() time.Time { return time.Unix(dayOne.Unix()+int64(d.n-1)*86400, 0).UTC() }

// Time gives midnight UTC of the day.
func (d Day) Time() time.Time { return d.utc() }

// At gives an hour of the day in Europe/Paris.
func (d Day) At(hour, minute int) time.Time {
	y, m, day := d.utc().Date()
	return time.Date(y, m, day, hour, minute, 0, 0, paris)
}

// Add moves by a number of calendar days, which may be negative.
func (d Day) Add(days int) Day { return Day{d.n + int32(days)} }

// AddMonths moves by calendar months, as time.AddDate does (31 January + 1 = 3 March).
func (d Day) AddMonths(months int) Day {
	t := d.utc().AddDate(0, months, 0)
	return Date(t.Date())
}

// Sub counts the days from other to d.
func (d Day) Sub(other Day) int { return int(d.n - other.n) }

// Before tells whether d comes strictly before other.
func (d Day) Before(other Day) bool { return d.n < other.n }

// After tells whether d comes strictly after other.
func (d Day) After(other Day) bool { return d.n > other.n }

// Compare orders two days: -1, 0 or 1. It suits slices.SortFunc.
func (d Day) Compare(other Day) int {
	switch {
	case d.n < other.n:
		return -1
	case d.n > other.n:
		return 1
	}
	return 0
}

// Weekday gives the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// String gives YYYY-MM-DD, or "" when there is no date.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(dayLayout)
}

var frenchMonths = [...]string{
	"janvier", "février", "mars", "avril", "mai", "juin",
	"juillet", "août", "septembre", "octobre", "novembre", "décembre",
}

// French gives "19 décembre 2024" ("1er mars 2025"), or "" when there is no date.
func (d Day) French() string {
	if d.IsZero() {
		return ""
	}
	y, m, day := d.utc().Date()
	number := fmt.Sprint(day)
	if day == 1 {
		number = "1er"
	}
	return fmt.Sprintf("%s %s %d", number, frenchMonths[m-1], y)
}

// Numeric gives "19/12/2024", or "" when there is no date.
func (d Day) Numeric() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format("02/01/2006")
}

// MarshalText writes YYYY-MM-DD.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD or the empty text.
func (d *Day) UnmarshalText(text []byte) error {
	parsed, err := ParseDay(string(text))
	*d = parsed
	return err
}

// ScanDate reads a PostgreSQL date; NULL is the zero Day.
func (d *Day) ScanDate(v pgtype.Date) error {
	switch {
	case !v.Valid:
		*d = Day{}
	case v.InfinityModifier != pgtype.Finite:
		return fmt.Errorf("infinite date")
	default:
		*d = Date(v.Time.Date())
	}
	return nil
}

// DateValue writes a PostgreSQL date; the zero Day is NULL.
func (d Day) DateValue() (pgtype.Date, error) {
	if d.IsZero() {
		return pgtype.Date{}, nil
	}
	return pgtype.Date{Time: d.utc(), Valid: true}, nil
}
