// Package signin lets members in with a link sent to one of their addresses, and tells the
// shell who they are on each request.
//
// A request inserts one row and records one action, whatever the address: whether somebody
// owns it is only looked up when the mail is made, so neither the answer nor its time tells.
// The token is made at that moment; its SHA-256 is stored before the mail leaves, so that a
// mail received always holds a working link, and the token itself stands nowhere else. A link
// lives one hour, serves once, and dies when a newer one is made for the same member.
//
// Tables: login_link.
package signin
