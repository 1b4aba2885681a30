package config

import "testing"

func TestSchedulesHaveFiveOrSixFields(t *testing.T) {
	for text, want := range map[string]string{
		"0 10 * * 3":                    "0 10 * * 3",
		"0 0 10 * * 3":                  "0 10 * * 3",
		"00 30  17 * * 1":               "30 17 * * 1",
		"30 0 10 * * 3":                 "30 0 10 * * 3",
		"30 09 01 Jan,Apr,Jul,Oct *":    "30 09 01 Jan,Apr,Jul,Oct *",
		"0 */8 * * * *":                 "*/8 * * * *",
		"0 16 * * 2":                    "0 16 * * 2",
		"*/5 * * * 1-5":                 "*/5 * * * 1-5",
		"0 0 8,14 * * *":                "0 8,14 * * *",
		"CRON_TZ=UTC 0 10 * * 3":        "",
		"TZ=Europe/Paris 0 0 10 * * 3":  "",
		"@daily":                        "",
		"0 10 * *":                      "",
		"0 61 10 * * 3":                 "",
		"0 0 0 10 * * 3":                "",
		"a b c d e":                     "",
		"0 10 * * 3; DROP TABLE member": "",
	} {
		got, err := ParseSchedule(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}
