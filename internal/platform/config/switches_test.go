package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

func TestJobSwitchPrecedence(t *testing.T) {
	ready := env{"SENTRY_API_URL": "https://s.example", "SENTRY_TOKEN": "t", "SENTRY_ORGANIZATION": "o"}
	spec := job.Spec{
		Name: "deleteSentryAccount", Flag: "FEATURE_DELETE_SENTRY_ACCOUNT",
		FlagAnyText: true, Needs: []job.Feature{"sentry"}, Default: job.On,
	}
	for _, c := range []struct {
		own, flag string
		standard  job.Switch
		want      bool
		why       string
	}{
		{"", "", job.On, true, "activée par défaut"},
		{"", "", job.Off, false, "désactivée par défaut ; pour l’activer : JOB_DELETESENTRYACCOUNT=on"},
		{"", "true", job.Off, true, "activée par FEATURE_DELETE_SENTRY_ACCOUNT"},
		{"", "false", job.On, false, "désactivée par FEATURE_DELETE_SENTRY_ACCOUNT (l’ancienne version, elle, l’activait)"},
		{"on", "false", job.Off, true, "activée par JOB_DELETESENTRYACCOUNT"},
		{"off", "true", job.On, false, "désactivée par JOB_DELETESENTRYACCOUNT"},
	} {
		environ := env{"JOB_DELETESENTRYACCOUNT": c.own, "FEATURE_DELETE_SENTRY_ACCOUNT": c.flag}
		for name, value := range ready {
			environ[name] = value
		}
		spec.Default = c.standard
		got, why := load(t, environ).JobSwitch(spec)
		if got != c.want || why != c.why {
			t.Errorf("own=%q flag=%q default=%t: %t, %q", c.own, c.flag, c.standard, got, why)
		}
	}
}

func TestMissingSettingDisablesOnlyWhatNeedsIt(t *testing.T) {
	c := load(t, env{"MAIL_HOST": "localhost", "JOB_CREATEUSERSBYEMAIL": "on"})
	got, why := c.JobSwitch(job.Spec{Name: "createUsersByEmail", Default: job.On, Needs: []job.Feature{"mattermost", "mail"}})
	if got || why != "réglage manquant : MATTERMOST_BOT_TOKEN, MATTERMOST_TEAM_ID (Comptes Mattermost)" {
		t.Errorf("mattermost: %t, %q", got, why)
	}
	missing := c.JobMissing(job.Spec{Needs: []job.Feature{"mattermost", "mail", "mattermost-alumni"}})
	if diff := cmp.Diff([]string{"MATTERMOST_BOT_TOKEN", "MATTERMOST_TEAM_ID", "MATTERMOST_ALUMNI_TEAM_ID"}, missing); diff != "" {
		t.Error(diff)
	}
	if got, why := c.JobSwitch(job.Spec{Name: "sendJ1Email", Default: job.On, Needs: []job.Feature{"mail"}}); !got {
		t.Errorf("mail: %q", why)
	}
	if got, _ := c.JobSwitch(job.Spec{Name: "x", Default: job.On, Needs: []job.Feature{"telepathy"}}); got {
		t.Error("an unknown need must disable the job")
	}
}

func TestSeveralFlagsMustAllBeOn(t *testing.T) {
	spec := job.Spec{Name: "send", Flag: "FEATURE_NEWSLETTER,FEATURE_SEND_NEWSLETTER", Default: job.Off}
	for _, c := range []struct {
		first, second string
		want          bool
	}{{"true", "true", true}, {"true", "", true}, {"true", "false", false}, {"false", "true", false}, {"", "", false}} {
		got, _ := load(t, env{"FEATURE_NEWSLETTER": c.first, "FEATURE_SEND_NEWSLETTER": c.second}).JobSwitch(spec)
		if got != c.want {
			t.Errorf("%q and %q: %t", c.first, c.second, got)
		}
	}
}

func TestJobScheduleOverride(t *testing.T) {
	spec := job.Spec{Name: "PostEventsFromBetaOnMattermost", Schedule: "30 17 * * 1", CronSetting: "CALENDAR_CRON_TIME"}
	if got := load(t, nil).JobSchedule(spec); got != "30 17 * * 1" {
		t.Errorf("default: %q", got)
	}
	if got := load(t, env{"CALENDAR_CRON_TIME": "0 15 9 * * 2"}).JobSchedule(spec); got != "15 9 * * 2" {
		t.Errorf("override: %q", got)
	}
}

func TestUnknownJobSwitchesAreReported(t *testing.T) {
	c := load(t, env{"JOB_EMAILCREATIONJOBS": "off", "JOB_SENDJ1EMAIL": "on", "JOBS_WTTJ_API": "https://x.example"})
	got := reasons(c.CheckJobs([]job.Spec{{Name: "emailCreationJob"}, {Name: "sendJ1Email"}}))
	want := []string{"JOB_EMAILCREATIONJOBS : inconnue, sans effet ; voulais-tu écrire JOB_EMAILCREATIONJOB ?"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheckSpecsNamesMistakes(t *testing.T) {
	got := CheckSpecs([]job.Spec{
		{Name: "good", Needs: []job.Feature{"ovh", "mail"}, Flag: "FEATURE_NEWSLETTER, FEATURE_SEND_NEWSLETTER", CronSetting: "CALENDAR_CRON_TIME"},
		{Name: "Good"},
		{Name: "bad", Needs: []job.Feature{"OVH"}, Flag: "FEATURE_X", CronSetting: "CRON_X"},
	})
	want := []string{
		"good and Good share the switch JOB_GOOD",
		`bad needs "OVH", which is no feature`,
		"bad obeys CRON_X, which is no variable",
		"bad obeys FEATURE_X, which is no variable",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
