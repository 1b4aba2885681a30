package mailinglist

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Links makes and reads the addresses with which a list is left without logging in. A signature is
// good for one person and one list, for ever: old letters keep working.
type Links struct {
	BaseURL string // of the portal, without final slash
	Key     []byte // secret, of this use only
}

// LeavePath is the page of the links.
const LeavePath = "/lists/unsubscribe"

// Leave gives the address of a person and a list, for the foot of their letters.
func (l Links) Leave(member uuid.UUID, list List) string {
	query := url.Values{"membre": {member.String()}, "liste": {string(list)}, "signature": {l.sign(member, list)}}
	return strings.TrimRight(l.BaseURL, "/") + LeavePath + "?" + query.Encode()
}

// Link is what an address says, once its signature is checked.
type Link struct {
	Member uuid.UUID
	About  About
}

// Read checks an address; Invalid when it was not made here, whatever is wrong with it.
func (l Links) Read(query url.Values) (Link, error) {
	bad := fault.New(fault.Invalid, "Ce lien n’est pas valable : il a peut-être été coupé. Ouvre-le depuis le message d’origine.", "bad link to leave a list")
	member, err := uuid.Parse(query.Get("membre"))
	if err != nil {
		return Link{}, bad
	}
	about, err := ListNamed(query.Get("liste"))
	if err != nil || len(l.Key) == 0 {
		return Link{}, bad
	}
	if !hmac.Equal([]byte(query.Get("signature")), []byte(l.sign(member, about.List))) {
		return Link{}, bad
	}
	return Link{member, about}, nil
}

func (l Links) sign(member uuid.UUID, list List) string {
	mac := hmac.New(sha256.New, l.Key)
	mac.Write([]byte("list_refusal\x00" + member.String() + "\x00" + string(list)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}
