package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"whichrole/internal/paths"
)

// proxyError says what is wrong with the proxy. It never quotes the proxy's URL, which may hold a password.
type proxyError struct{ what string }

func (e proxyError) Error() string { return e.what }

// proxyOf is http.ProxyFromEnvironment for an environment that was handed in; the rules are curl's and Go's: loopback is
// never proxied, and NO_PROXY lists hosts with all below them, addresses, CIDR blocks, each with a port or without, or *.
func proxyOf(env paths.Env) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		address := either(env, "HTTPS_PROXY")
		if r.URL.Scheme == "http" {
			address = either(env, "HTTP_PROXY")
		}
		if address == "" || direct(r.URL, either(env, "NO_PROXY")) {
			return nil, nil
		}
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
			return nil, proxyError{"the proxy in the environment is not an http, https or socks5 URL"}
		}
		return u, nil
	}
}

func either(env paths.Env, name string) string {
	if v := env[name]; v != "" {
		return v
	}
	return env[strings.ToLower(name)]
}

// direct tells whether u is reached without a proxy.
func direct(u *url.URL, noProxy string) bool {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if onLoopback(host) {
		return true
	}
	ip, _ := netip.ParseAddr(host)
	for _, entry := range strings.FieldsFunc(strings.ToLower(noProxy), func(r rune) bool { return r == ',' || r == ' ' }) {
		if exempts(entry, host, port, ip.Unmap()) {
			return true
		}
	}
	return false
}

func exempts(entry, host, port string, ip netip.Addr) bool {
	if entry == "*" {
		return true
	}
	if block, err := netip.ParsePrefix(entry); err == nil {
		return ip.IsValid() && block.Contains(ip)
	}
	if h, p, err := net.SplitHostPort(entry); err == nil {
		if p != port {
			return false
		}
		entry = h
	}
	if other, err := netip.ParseAddr(entry); err == nil {
		return ip.IsValid() && other.Unmap() == ip
	}
	domain := strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
	return domain != "" && (host == domain && entry == domain || strings.HasSuffix(host, "."+domain))
}

// onProxyAnswer turns a proxy's "no" into words of ours: its own are hostile text.
func onProxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return proxyError{fmt.Sprintf("the proxy refused to connect (HTTP %d)", resp.StatusCode)}
}
