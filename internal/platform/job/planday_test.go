package job_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func TestAnActionIsJudgedTodayOrOnTheLaterDayOfItsPlan(t *testing.T) {
	today, later := clock.MustDay("2024-12-19"), clock.MustDay("2025-01-20")
	for name, c := range map[string]struct {
		action job.Action
		want   clock.Day
	}{
		"an old plan":       {job.Action{Args: job.EncodeArgs(job.PlanDay{Day: today.Add(-3)})}, today},
		"a plan for later":  {job.Action{Args: job.EncodeArgs(job.PlanDay{Day: later})}, later},
		"without a day":     {job.Action{Args: []byte(`{"list":"x"}`)}, today},
		"without arguments": {job.Action{}, today},
	} {
		if got, err := job.JudgedOn(c.action, today); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
	if _, err := job.JudgedOn(job.Action{Args: []byte(`{"day":`)}, today); err == nil {
		t.Error("arguments that cannot be read are judged")
	}
}
