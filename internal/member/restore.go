package member

import "github.com/betagouv/espace-membre/internal/platform/audit"

// CodeRestored is the audit event of a past value put back.
const CodeRestored audit.Code = "MEMBER_VALUE_RESTORED"
