package config

// anyText tells readers of an old .env why their job may have been on.
const anyText = " L’ancienne version prenait tout texte non vide, même « false », pour vrai ; c’est maintenant un booléen comme les autres."

// flagRows is the reference's switches: variable, job or effect.
func flagRows() [][2]string {
	return [][2]string{
		{"FEATURE_CREATE_USER_ON_MATTERMOST", "Tâche `createUsersByEmail`."},
		{"FEATURE_ADD_USER_TO_COMMUNITY_ON_MATTERMOST", "Tâche `addUsersNotInCommunityToCommunityTeam`."},
		{"FEATURE_REACTIVE_MATTERMOST_USERS", "Tâche `reactivateUsers`."},
		{"FEATURE_REMOVED_EXPIRED_USERS_FROM_COMMUNITY_ON_MATTERMOST", "Tâche `removeUsersFromCommunityTeam`."},
		{"FEATURE_ADD_EXPIRED_USERS_TO_ALUMNI_ON_MATTERMOST", "Tâche `moveUsersToAlumniTeam`."},
		{"FEATURE_MATTERMOST_REMOVE_USERS", "Tâche `sendReminderToUserAtDays30`."},
		{"FEATURE_REMOVE_USER_FROM_TEAM_ADD_TO_ALUMNI", "Tâche `removeBetaAndParnersUsersFromCommunityTeam`."},
		{"FEATURE_SEND_EMAIL_TO_STARTUP_TO_UPDATE_PHASE", "Tâche `sendEmailToStartupToUpdatePhase`."},
		{"FEATURE_NEWSLETTER", "Tâches de l’infolettre (rappels et envoi)."},
		{"FEATURE_SEND_NEWSLETTER", "Envoi réel de l’infolettre, tâche `sendNewsletterAndCreateNewOneJob`."},
		{"FEATURE_SUBSCRIBE_TO_INCUBATEUR_MAILING_LIST", "Tâche `subscribeEmailAddresses`."},
		{"FEATURE_UNSUBSCRIBE_FROM_INCUBATEUR_MAILING_LIST", "Tâche `unsubscribeEmailAddresses`."},
		{"FEATURE_ADD_GITHUB_USER_TO_ORGANIZATION", "Tâche `addGithubUserToOrganization`."},
		{"FEATURE_REMOVE_GITHUB_USER_FROM_ORGANIZATION", "Tâche `removeGithubUserFromOrganization`."},
		{"FEATURE_DELETE_REDIRECTIONS_AFTER_QUITTING", "Tâche `deleteRedirectionsAfterQuitting`."},
		{"FEATURE_SEND_J1_EMAIL", "Tâche `sendJ1Email`."},
		{"FEATURE_SEND_J30_EMAIL", "Tâche `sendJ30Email`."},
		{"FEATURE_DELETE_SECONDARY_EMAIL", "Tâche `deleteSecondaryEmailsForUsers`."},
		{"FEATURE_DELETE_OVH_EMAIL_ACCOUNTS", "Tâche `deleteOVHEmailAcounts`."},
		{"FEATURE_SET_EMAIL_EXPIRED", "Tâche `setEmailExpired`."},
		{"FEATURE_REMOVE_EMAILS_FROM_MAILING_LIST", "Tâche `removeEmailsFromMailingList`."},
		{"FEATURE_REINIT_PASSWORD_EMAIL", "Tâche `reinitPasswordEmail`."},
		{"FEATURE_ON_USER_CONTRACT_END", "Tâches `sendContractEndingMessageToUsers30days`, `…15days` et `…2days`."},
		{"FEATURE_SEND_MESSAGE_TO_ACTIVE_USERS_WITHOUT_SECONDARY_EMAIL", "Tâche `sendMessageToActiveUsersWithoutSecondaryEmail`."},
		{"FEATURE_DELETE_MATOMO_ACCOUNT", "Tâche `deleteMatomoAccount`." + anyText},
		{"FEATURE_DELETE_SENTRY_ACCOUNT", "Tâche `deleteSentryAccount`." + anyText},
		{"FEATURE_APPLY_CREATE_REDIRECTION_EMAIL", "Tâche `redirectionCreationJob`." + anyText},
		{"FEATURE_UNBLOCK_CONTACT_EMAIL", "Tâche `unblockBlacklistedEmail`." + anyText},
		{"FEATURE_SYNC_BETAGOUV_USER_API", "Tâche `syncBetagouvUserAPI`."},
		{"FEATURE_REMIND_USER_WITH_PENDING_PULL_REQUEST_ON_AUTHOR_FILE", "Tâche `pullRequestWatcher`."},
		{"FEATURE_REMINDER_TEAM_IF_PENDING_PR_ON_AUTHOR_FILE", "Tâche `pullRequestWatcherSendEmailToTeam`."},
	}
}

func (c *Config) jobsGroup() Group {
	rows := flagRows()
	variables := make([]Variable, len(rows))
	for i, row := range rows {
		variables[i] = toggle(c.Jobs.Flags, row[0], row[1])
	}
	return Group{
		Title: "Tâches",
		Note: "Chaque tâche a son interrupteur `JOB_<NOM EN CAPITALES>` (par exemple `JOB_EMAILCREATIONJOB=off`) ; à défaut, " +
			"la variable `FEATURE_*` ci-dessous décide si elle est posée ; à défaut, la valeur par défaut de la tâche. " +
			"Une tâche dont un réglage manque est désactivée, quels que soient ses interrupteurs. Les horaires acceptent cinq champs, ou six (secondes d’abord).",
		Variables: variables,
	}
}

// retiredRows is the reference's variables that have no effect here, and why (French).
func retiredRows() [][2]string {
	return [][2]string{
		{"REDIS_URL", "les sessions et la file des tâches sont dans PostgreSQL"},
		{"APP_TYPE", "chaque commande vérifie elle-même ce dont elle a besoin"},
		{"NODE_ENV", "il n’y a plus de mode : la démonstration a ses simulateurs"},
		{"HASH_SALT", "la table qu’elle protégeait n’existe plus"},
		{"SIB_APIKEY_PUBLIC", "l’API de Brevo n’utilise que la clé privée"},
		{"SIB_APIKEY_TECH_PUBLIC", "second compte jamais utilisé"},
		{"SIB_APIKEY_TECH_PRIVATE", "second compte jamais utilisé"},
		{"MATTERMOST_PARTNERS_AUTHORS_URLS", "plus aucun partenaire n’est interrogé"},
		{"MATTERMOST_PARTNERS_AUTHORS_URL", "plus aucun partenaire n’est interrogé"},
		{"S3_GET_HOST", "jamais utilisée"},
		{"SENTRY_AUTH_TOKEN", "il n’y a plus de construction JavaScript à déclarer"},
		{"SOURCE_VERSION", "la version est inscrite dans le programme"},
		{"JOBS_API", "anciennes offres, jamais utilisées"},
		{"FEATURE_USE_NEW_MARRAINAGE", "le marrainage n’existe plus"},
		{"FEATURE_CREATE_MARRAINAGE", "le marrainage n’existe plus"},
		{"FEATURE_ALWAYS_SEND_STARTUP_PHASE_CHANGE_EMAIL", "lue par personne"},
		{"FEATURE_PUBLISH_JOBS_TO_MATTERMOST", "lue par personne"},
		{"FEATURE_PUBLISH_WTTJ_JOBS_TO_MATTERMOST", "lue par personne"},
		{"FEATURE_SEND_MATTERMOST_MESSAGE", "lue par personne"},
		{"FEATURE_SEND_MESSAGE_TO_TEAM_FOR_JOB_OPENED_FOR_A_LONG_TIME", "lue par personne"},
		{"FEATURE_SHOULD_SEND_MESSAGE_TO_AUTHOR", "lue par personne"},
		{"SHOULD_SEND_NL", "lue par personne"},
		{"NEWSLETTER_NUMBER_OF_DAYS_WITH_LAST_NEWSLETTER", "jamais utilisée"},
		{"VISIT_MAIL_SENDER", "jamais utilisée"},
		{"VISIT_MAIL_RECIPIENT", "jamais utilisée"},
		{"AUTH_URL", "jamais utilisée"},
		{"PASSWORD_IV_KEY", "jamais utilisée"},
		{"EXPORT_UPDATE_TEAMS", "l’export du site est une tâche, sans option"},
		{"APPLY_SYNC_DATABASE_WITH_OVH_EMAIL_ACOUNT", "remplacée par le plan d’une tâche et sa confirmation"},
		{"featureRemoveUnknownUsers", "remplacée par le plan d’une tâche et sa confirmation"},
		{"SEED_FAKE_DATA_DATABASE", "remplacée par les commandes `seed` et `import`"},
		{"APP", "l’export du site est une tâche comme les autres"},
		{"NEXTAUTH_SECRET", "la bibliothèque qui la lisait n’est plus là"},
		{"NEXTAUTH_DATABASE_URL", "lue par personne"},
		{"NEXT_TELEMETRY_DISABLED", "la bibliothèque qui la lisait n’est plus là"},
		{"REDIS_EVENT_BUS_STREAM_NAME", "lue par personne"},
		{"REDIS_HOST", "il n’y a plus de Redis"},
		{"REDIS_PORT", "il n’y a plus de Redis"},
		{"REDIS_PASSWORD", "il n’y a plus de Redis"},
		{"SENTRY_ENVIRONMENT", "lue par personne"},
	}
}
