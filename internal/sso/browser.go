package sso

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// byBrowser is the authorization code grant with PKCE (RFC 7636), as the AWS CLI does it: AWS's page in the browser sends the
// code to a listener on loopback. It fails with errNoBrowser where the page can't be opened.
func (c *Client) byBrowser(ctx context.Context, ui UI) (record, error) {
	if ui.Browse == nil {
		return nil, errNoBrowser
	}
	back, err := listen()
	if err != nil {
		return nil, fmt.Errorf("%w: nothing can listen on 127.0.0.1: %v", errNoBrowser, err)
	}
	defer back.close()
	client, err := c.registration(ctx, false, false)
	if err != nil {
		return nil, err
	}
	verifier := verifier()
	page := c.page(client.text("clientId"), back, verifier)
	if err := ui.Browse(page); err != nil {
		return nil, fmt.Errorf("%w: %v", errNoBrowser, err)
	}
	ui.Say("confirm the login to %s in the browser; if it shows nothing, open this there: %s", c.Session, page)
	code, err := back.wait(ctx)
	if err != nil {
		return nil, err
	}
	g, err := c.createToken(ctx, client, map[string]any{
		"grantType": "authorization_code", "code": code, "redirectUri": back.uri(), "codeVerifier": verifier,
	})
	if isRefusal(err, "InvalidClientException") { // the next login registers anew
		_, name := c.registrationFor(false)
		c.remove(name)
	}
	if err != nil {
		return nil, err
	}
	return c.login(client, g), nil
}

// verifier is the secret that proves that who brings the code is who asked for it: 64 characters, 384 bits.
func verifier() string {
	random := make([]byte, 48)
	rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// page is the URL of AWS's authorize page.
func (c *Client) page(clientID string, back *callback, verifier string) string {
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {clientID},
		"redirect_uri":          {back.uri()},
		"state":                 {back.state},
		"code_challenge_method": {"S256"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"scopes":                {strings.Join(c.scopes(), " ")},
	}
	return c.oidc() + "/authorize?" + strings.ReplaceAll(query.Encode(), "+", "%20") // as the AWS CLI writes a space
}
