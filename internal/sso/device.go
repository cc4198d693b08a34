package sso

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/partition"
	"whichrole/internal/transport"
)

// Of RFC 8628, 3.5: the pause between two questions where the server names none, and what it grows by when that was too often.
const (
	usualInterval = 5 * time.Second
	slowDown      = 5 * time.Second
	maxInterval   = time.Minute
)

// device is what StartDeviceAuthorization gives.
type device struct {
	DeviceCode, UserCode                     string
	VerificationURI, VerificationURIComplete string
	ExpiresIn, Interval                      int64 // seconds
}

// byDevice is the device authorization grant (RFC 8628): a person confirms a code in any browser, and we ask until it is so.
func (c *Client) byDevice(ctx context.Context, ui UI) (record, error) {
	client, err := c.registration(ctx, true, false)
	if err != nil {
		return nil, err
	}
	d, err := c.startDevice(ctx, client)
	if isRefusal(err, "InvalidClientException") { // AWS has forgotten the registration
		if client, err = c.registration(ctx, true, true); err == nil {
			d, err = c.startDevice(ctx, client)
		}
	}
	if err != nil {
		return nil, err
	}
	g, err := c.poll(ctx, client, d, ui)
	if err != nil {
		return nil, err
	}
	return c.login(client, g), nil
}

// startDevice is StartDeviceAuthorization of ssooidc.
func (c *Client) startDevice(ctx context.Context, client record) (*device, error) {
	d, input := &device{}, map[string]any{"clientId": client.text("clientId"), "clientSecret": client.text("clientSecret"), "startUrl": c.StartURL}
	if err := c.post(ctx, "/device_authorization", input, d, creds.NewSecret(client.text("clientSecret"))); err != nil {
		return nil, err
	}
	if !creds.Visible(d.DeviceCode, maxToken) || !creds.Visible(d.UserCode, 64) || !isURL(d.VerificationURI) || !isURL(d.VerificationURIComplete) {
		return nil, c.strange(transport.HostOf(c.oidc()), http.StatusOK)
	}
	return d, nil
}

func isURL(s string) bool { return creds.Visible(s, 4<<10) && transport.HostOf(s) != "" }

// poll asks until the code is confirmed. The first question comes before the person is asked, as in the AWS CLI: a client may
// have been authorized beforehand.
func (c *Client) poll(ctx context.Context, client record, d *device, ui UI) (*grant, error) {
	interval := min(time.Duration(min(d.Interval, 3600))*time.Second, maxInterval)
	if d.Interval <= 0 {
		interval = usualInterval
	}
	for asked := false; ; asked = true {
		g, err := c.createToken(ctx, client, map[string]any{"grantType": deviceCode, "deviceCode": d.DeviceCode})
		switch {
		case isRefusal(err, "SlowDownException"):
			interval = min(interval+slowDown, maxInterval)
		case !isRefusal(err, "AuthorizationPendingException"):
			return g, err
		}
		if !asked {
			c.show(d, ui)
		}
		if err := c.sleep(ctx, interval); err != nil {
			return nil, err
		}
	}
}

// show tells the person where to go, and sends the browser there if that is a page of AWS's.
func (c *Client) show(d *device, ui UI) {
	ui.Say("confirm the code %s for the login to %s at %s", d.UserCode, c.Session, d.VerificationURI)
	ui.Say("this address has the code in it: %s", d.VerificationURIComplete)
	switch {
	case ui.Browse == nil:
	case !c.opens(d.VerificationURIComplete):
		ui.Say("it is not opened by itself: %s is no host of IAM Identity Center", transport.HostOf(d.VerificationURIComplete))
	default:
		if err := ui.Browse(d.VerificationURIComplete); err != nil {
			c.log("%v", err)
		}
	}
}

// opens tells whether a URL that AWS has sent may be opened in the browser without a person's look at it: on the hosts where
// AWS has its sign-in, or that of the user's own start URL, or of the user's own endpoint. Hosts where AWS serves what others have
// made (amazonaws.com, on.aws) are not among them as a whole.
func (c *Client) opens(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	if c.OIDCEndpoint != "" && strings.HasPrefix(c.oidc()+"/", u.Scheme+"://"+u.Host+"/") {
		return true
	}
	host := strings.ToLower(u.Host) // with a port it is none of these
	domain := c.Region + "." + partition.DNS(c.Region)
	ofAWS := slices.Contains([]string{strings.ToLower(transport.HostOf(c.StartURL)), "device.sso." + domain, "device.sso-fips." + domain}, host)
	for _, suffix := range []string{".awsapps.com", ".awsapps.cn", ".signin.aws", ".app.aws"} {
		ofAWS = ofAWS || strings.HasSuffix(host, suffix)
	}
	return u.Scheme == "https" && ofAWS
}
