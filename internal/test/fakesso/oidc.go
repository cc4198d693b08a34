package fakesso

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	codeGrant    = "authorization_code"
	refreshGrant = "refresh_token"
	deviceGrant  = "urn:ietf:params:oauth:grant-type:device_code"
	accessScope  = "sso:account:access" // what AWS asks for before it gives refresh tokens
)

// client is what RegisterClient made.
type client struct {
	id, secret, name string
	grants           []string // none means device codes and refresh tokens
	redirects        []string
	scopes           []string
	expires          time.Time
}

// code is an authorization code, good once.
type code struct {
	client              *client
	redirect, challenge string
	expires             time.Time
}

// device is a device code, good once.
type device struct {
	client                   *client
	expires                  time.Time
	slow, pending            int // answers of these kinds that are still to come
	userCode, verificationAt string
}

// login is one session of the user's; its tokens end with it.
type login struct {
	client  *client
	revoked bool
}

// session is an access token.
type session struct {
	login   *login
	expires time.Time
}

// refresh is a refresh token.
type refresh struct {
	login *login
	used  bool
}

func unique(prefix string) string { return prefix + rand.Text() + rand.Text() }

// hidden looks like the long tokens of AWS.
func hidden(prefix string) string { return prefix + strings.Repeat(rand.Text(), 12) }

func (s *Server) registerClient(r *request) (any, *Error) {
	c := &client{id: unique("client"), secret: hidden("eyJraWQi"), name: r.text("clientName"), grants: r.list("grantTypes"),
		redirects: r.list("redirectUris"), scopes: r.list("scopes"), expires: s.config.Now().Add(s.config.ClientLife)}
	r.call.Client = c.name
	switch {
	case c.name == "" || r.text("clientType") != "public":
		return nil, &Error{400, "InvalidClientMetadataException", "Only public clients with a name are known"}
	case slices.Contains(c.grants, codeGrant) && (len(c.redirects) == 0 || r.text("issuerUrl") != s.config.StartURL):
		return nil, &Error{400, "InvalidRequestException", ""}
	}
	for _, uri := range c.redirects {
		if !onLoopback(uri) {
			return nil, &Error{400, "InvalidRedirectUriException", "Redirect to another machine"}
		}
	}
	s.clients[c.id] = c
	return map[string]any{"clientId": c.id, "clientSecret": c.secret, "clientIdIssuedAt": s.config.Now().Unix(),
		"clientSecretExpiresAt": c.expires.Unix()}, nil
}

// onLoopback tells whether a redirect URI is one that AWS takes of a native client.
func onLoopback(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && u.Scheme == "http" && net.ParseIP(u.Hostname()).IsLoopback() && u.Path == "/oauth/callback"
}

// known is the client that the request is from.
func (s *Server) known(r *request) (*client, *Error) {
	c := s.clients[r.text("clientId")]
	if c == nil || c.secret != r.text("clientSecret") || !c.expires.After(s.config.Now()) {
		return nil, &Error{401, "InvalidClientException", "Invalid client"}
	}
	r.call.Client = c.name
	return c, nil
}

func (s *Server) startDevice(r *request) (any, *Error) {
	c, problem := s.known(r)
	if problem != nil {
		return nil, problem
	}
	switch {
	case r.text("startUrl") != s.config.StartURL:
		return nil, &Error{400, "InvalidRequestException", ""}
	case len(c.grants) > 0 && !slices.Contains(c.grants, deviceGrant):
		return nil, &Error{400, "UnauthorizedClientException", ""}
	}
	id := hidden("device")
	d := &device{client: c, expires: s.config.Now().Add(s.config.CodeLife), slow: s.config.SlowDown, pending: s.config.Pending,
		userCode: rand.Text()[:4] + "-" + rand.Text()[:4], verificationAt: s.config.VerificationURL}
	s.devices[id] = d
	return map[string]any{"deviceCode": id, "userCode": d.userCode, "verificationUri": d.verificationAt,
		"verificationUriComplete": d.verificationAt + "?user_code=" + d.userCode,
		"expiresIn":               int(s.config.CodeLife / time.Second), "interval": s.config.Interval}, nil
}

// authorize is the page in the browser. The user confirms at once, unless they decided otherwise.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request, call *Call) {
	q := r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[q.Get("client_id")]
	back, err := url.Parse(q.Get("redirect_uri"))
	if r.Method != http.MethodGet || c == nil || err != nil || !slices.Contains(c.grants, codeGrant) || !c.redirectsTo(back) ||
		q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("scopes") == "" {
		call.Error = "InvalidRequestException"
		http.Error(w, `{"error":"invalid_request"}`, http.StatusBadRequest)
		return
	}
	call.Client = c.name
	if s.deciding.Abandon {
		io.WriteString(w, "Allow "+c.name+" to access your data?\n")
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if s.deciding.Deny {
		answer.Set("error", "access_denied")
	} else {
		id := unique("code")
		s.codes[id] = &code{c, q.Get("redirect_uri"), q.Get("code_challenge"), s.config.Now().Add(s.config.CodeLife)}
		answer.Set("code", id)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// redirectsTo tells whether the client has registered that redirect, of whatever port.
func (c *client) redirectsTo(uri *url.URL) bool {
	plain := *uri
	plain.Host = uri.Hostname()
	return uri.Port() != "" && onLoopback(uri.String()) && slices.Contains(c.redirects, plain.String())
}

func (s *Server) createToken(r *request) (any, *Error) {
	r.call.Grant = r.text("grantType")[strings.LastIndexByte(r.text("grantType"), ':')+1:]
	c, problem := s.known(r)
	if problem != nil {
		return nil, problem
	}
	switch r.text("grantType") {
	case codeGrant:
		return s.byCode(r, c)
	case deviceGrant:
		return s.byDevice(r, c)
	case refreshGrant:
		return s.byRefresh(r, c)
	}
	return nil, &Error{400, "UnsupportedGrantTypeException", ""}
}

func (s *Server) byCode(r *request, c *client) (any, *Error) {
	id := r.text("code")
	code := s.codes[id]
	delete(s.codes, id)
	proof := sha256.Sum256([]byte(r.text("codeVerifier")))
	switch {
	case code == nil || code.client != c || code.redirect != r.text("redirectUri"),
		base64.RawURLEncoding.EncodeToString(proof[:]) != code.challenge, len(r.text("codeVerifier")) < 43:
		return nil, &Error{400, "InvalidGrantException", "Invalid grant provided"}
	case !code.expires.After(s.config.Now()):
		return nil, &Error{400, "ExpiredTokenException", "Code expired"}
	}
	return s.grant(&login{client: c}, true), nil
}

func (s *Server) byDevice(r *request, c *client) (any, *Error) {
	id := r.text("deviceCode")
	d := s.devices[id]
	switch {
	case d == nil || d.client != c:
		return nil, &Error{400, "InvalidGrantException", "Invalid device code provided"}
	case !d.expires.After(s.config.Now()):
		return nil, &Error{400, "ExpiredTokenException", "Device code expired"}
	case d.slow > 0:
		d.slow--
		return nil, &Error{400, "SlowDownException", ""}
	case d.pending > 0 || s.deciding.Abandon:
		d.pending--
		return nil, &Error{400, "AuthorizationPendingException", ""}
	}
	delete(s.devices, id)
	if s.deciding.Deny {
		return nil, &Error{400, "AccessDeniedException", "Access denied"}
	}
	return s.grant(&login{client: c}, true), nil
}

func (s *Server) byRefresh(r *request, c *client) (any, *Error) {
	old := s.refresh[r.text("refreshToken")]
	if old == nil || old.login.client != c || old.login.revoked || old.used {
		return nil, &Error{400, "InvalidGrantException", "Invalid refresh token provided"}
	}
	old.used = s.config.SingleUse
	return s.grant(old.login, !s.config.NoRotation), nil
}

// grant makes the tokens of a login.
func (s *Server) grant(l *login, refreshable bool) any {
	access := hidden("aoaAAAAA")
	s.access[access] = &session{l, s.config.Now().Add(s.config.TokenLife)}
	answer := map[string]any{"accessToken": access, "tokenType": "Bearer", "expiresIn": int(s.config.TokenLife / time.Second)}
	if refreshable && slices.Contains(l.client.scopes, accessScope) {
		token := hidden("aorAAAAA")
		s.refresh[token] = &refresh{login: l}
		answer["refreshToken"] = token
	}
	return answer
}
