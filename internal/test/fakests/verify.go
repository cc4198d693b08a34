package fakests

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	amzDate   = "20060102T150405Z"
	tolerance = 5 * time.Minute // how far the client's clock may be off, both ways, as in AWS
)

// authorization is a parsed Authorization header.
type authorization struct {
	keyID, date, region, service, signature string
	signedHeaders                           []string
}

var authorizationHeader = regexp.MustCompile(
	`^AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]*)/([^/,\s]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`)

func parseAuthorization(header string) (authorization, *Error) {
	if header == "" {
		return authorization{}, &Error{403, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	}
	m := authorizationHeader.FindStringSubmatch(header)
	if m == nil {
		return authorization{}, &Error{400, "IncompleteSignature", "Authorization header is malformed"}
	}
	return authorization{m[1], m[2], m[3], m[4], m[6], strings.Split(m[5], ";")}, nil
}

// verify is the judge: it finds out whose key signed the request and whether all of the request was signed with it, now.
func (s *Server) verify(r *http.Request, body []byte, now time.Time) (*key, authorization, *Error) {
	auth, problem := parseAuthorization(r.Header.Get("Authorization"))
	if problem != nil {
		return nil, auth, problem
	}
	k := s.key(auth.keyID)
	token := r.Header.Get("X-Amz-Security-Token")
	if k == nil || subtle.ConstantTimeCompare([]byte(token), []byte(k.token)) != 1 {
		return nil, auth, &Error{403, "InvalidClientTokenId", "The security token included in the request is invalid."}
	}
	if !k.expires.IsZero() && !now.Before(k.expires) {
		return k, auth, &Error{403, "ExpiredToken", "The security token included in the request is expired"}
	}
	signed, err := time.Parse(amzDate, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return k, auth, &Error{400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'"}
	}
	for _, check := range []*Error{s.checkScope(auth, signed), checkDate(signed, now), checkCoverage(auth, r), resign(k, auth, r, body, signed)} {
		if check != nil {
			return k, auth, check
		}
	}
	return k, auth, nil
}

func mismatch(format string, args ...any) *Error {
	return &Error{403, "SignatureDoesNotMatch", fmt.Sprintf(format, args...)}
}

func (s *Server) checkScope(auth authorization, signed time.Time) *Error {
	switch {
	case auth.service != "sts":
		return mismatch("Credential should be scoped to correct service: 'sts'. ")
	case auth.region == "" || s.config.Region != "" && auth.region != s.config.Region:
		return mismatch("Credential should be scoped to a valid region. ")
	case auth.date != signed.Format("20060102"):
		return mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			auth.date, signed.Format("20060102"), signed.Format(amzDate))
	}
	return nil
}

func checkDate(signed, now time.Time) *Error {
	now = now.UTC().Truncate(time.Second)
	if earliest := now.Add(-tolerance); signed.Before(earliest) {
		return mismatch("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			signed.Format(amzDate), earliest.Format(amzDate), now.Format(amzDate))
	}
	if latest := now.Add(tolerance); signed.After(latest) {
		return mismatch("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			signed.Format(amzDate), latest.Format(amzDate), now.Format(amzDate))
	}
	return nil
}

// checkCoverage insists that the host and every header that means something to AWS were signed.
func checkCoverage(auth authorization, r *http.Request) *Error {
	if !slices.Contains(auth.signedHeaders, "host") {
		return mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(auth.signedHeaders, name) {
			return mismatch("'%s' must be a 'SignedHeader' in the AWS Authorization.", name)
		}
	}
	return nil
}

// resign signs what was received as the SDK would, with the secret that only this server and the rightful caller know.
func resign(k *key, auth authorization, r *http.Request, body []byte, signed time.Time) *Error {
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.RequestURI(), nil)
	if err != nil {
		return mismatch("%v", err)
	}
	for _, name := range auth.signedHeaders {
		switch name {
		case "host": // set from the URL
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	hash := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: k.id, SecretAccessKey: k.secret, SessionToken: k.token}
	err = v4.NewSigner().SignHTTP(r.Context(), credentials, again, hex.EncodeToString(hash[:]), auth.service, auth.region, signed)
	if err != nil {
		return mismatch("%v", err)
	}
	want, problem := parseAuthorization(again.Header.Get("Authorization"))
	if problem != nil || subtle.ConstantTimeCompare([]byte(want.signature), []byte(auth.signature)) != 1 {
		return mismatch("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}
