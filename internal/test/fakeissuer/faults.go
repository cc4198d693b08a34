package fakeissuer

import (
	"net/http"
	"strings"

	"whichrole/internal/test/fake"
)

// The kinds of faults.
const (
	Hang      = "hang"        // nothing is ever answered
	Cut       = "cut"         // the connection ends without an answer
	Broken    = "broken"      // 500, with what was asked in it
	Forbidden = "forbidden"   // 403, with what was asked in it, Authorization and all
	Garbage   = "garbage"     // 200 and no text at all
	HTML      = "html"        // 200 and the page of a captive portal
	NotAToken = "not-a-token" // 200 and the right JSON, with a token that is none
	NoToken   = "no-token"    // 200 and JSON without a token
	Huge      = "huge"        // 200 and 4 MiB
	Redirect  = "redirect"    // 302 to Elsewhere, which gives anybody a good token
)

// Fault is something that goes wrong on demand.
type Fault struct {
	Kind  string
	At    string // GitHub, AzureDevOps or Keys; "" for any but Keys and Elsewhere
	Times int    // how often; 0 for ever
}

// SetFaults replaces the faults on demand.
func (i *Issuer) SetFaults(faults ...Fault) {
	i.faults.Set(faults, func(f Fault) int { return f.Times })
}

// at tells whether the fault is one of that place.
func (f Fault) at(to string) bool {
	return f.At == to || f.At == "" && to != Keys && to != Elsewhere
}

// play is the answer of a fault that has one.
func (i *Issuer) play(f Fault, r *http.Request) (status int, kind, body string) {
	const asJSON = "application/json; charset=utf-8"
	switch f.Kind {
	case Broken:
		return http.StatusInternalServerError, asJSON, echo(r)
	case Forbidden:
		return http.StatusForbidden, asJSON, echo(r)
	case Garbage:
		return http.StatusOK, "application/octet-stream", "\x1f\x8b\x00\xff\xfe{\"value\":"
	case HTML:
		return http.StatusOK, "text/html", fake.Portal
	case NotAToken:
		return http.StatusOK, asJSON, `{"count":15,"value":"this is no token","oidcToken":"this is no token"}`
	case NoToken:
		return http.StatusOK, asJSON, `{"count":0,"value":"","oidcToken":null}`
	case Huge:
		big := strings.Repeat("A", 4<<20)
		return http.StatusOK, asJSON, `{"value":"` + big + `","oidcToken":"` + big + `"}`
	case Redirect:
		return http.StatusFound, "text/plain", ""
	}
	panic("fakeissuer: there is no fault " + f.Kind)
}

// echo says back what was sent, as debugging pages do: whoever quotes it shows a secret.
func echo(r *http.Request) string {
	return `{"message":"` + r.Method + " " + r.URL.Path + ", Authorization: " + r.Header.Get("Authorization") + `"}`
}
