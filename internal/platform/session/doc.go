// Package session keeps who is logged in: an opaque token in a strict cookie, its SHA-256 in
// the database with the member, so that sessions end by themselves (7 idle days, 30 days in
// all) and can be revoked. A visitor who is not logged in has no row unless something must be
// told on the next page; such a row lives one hour.
//
// Tables: session.
package session
