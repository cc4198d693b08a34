package fakests

import (
	"encoding/xml"
	"net/http"
)

// The shapes below are those of the STS API reference, element by element.

// A reply is the body of a good answer.
type reply interface{ stamp(requestID string) }

// metadata is at the end of every one of them.
type metadata struct {
	Metadata struct {
		RequestID string `xml:"RequestId"`
	} `xml:"ResponseMetadata"`
}

func (m *metadata) stamp(requestID string) { m.Metadata.RequestID = requestID }

type assumeRoleResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	Result  struct {
		AssumedRoleUser userXML
		Credentials     sessionXML
		SourceIdentity  string `xml:",omitempty"`
	} `xml:"AssumeRoleResult"`
	metadata
}

type assumeRoleWithWebIdentityResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleWithWebIdentityResponse"`
	Result  struct {
		SubjectFromWebIdentityToken string
		Audience                    string
		AssumedRoleUser             userXML
		Credentials                 sessionXML
		Provider                    string
	} `xml:"AssumeRoleWithWebIdentityResult"`
	metadata
}

type getSessionTokenResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetSessionTokenResponse"`
	Result  struct {
		Credentials sessionXML
	} `xml:"GetSessionTokenResult"`
	metadata
}

type userXML struct {
	AssumedRoleID string `xml:"AssumedRoleId"`
	ARN           string `xml:"Arn,omitempty"`
}

type sessionXML struct {
	AccessKeyID     string `xml:"AccessKeyId,omitempty"`
	SecretAccessKey string `xml:",omitempty"`
	SessionToken    string `xml:",omitempty"`
	Expiration      string `xml:",omitempty"`
}

type getCallerIdentityResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Result  struct {
		ARN     string `xml:"Arn"`
		UserID  string `xml:"UserId"`
		Account string
	} `xml:"GetCallerIdentityResult"`
	metadata
}

type errorResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Error   struct {
		Type    string
		Code    string
		Message string
	}
	RequestID string `xml:"RequestId"`
}

func assumeRoleXML(a *Answer, k *key) reply {
	var r assumeRoleResponse
	r.Result.AssumedRoleUser = userXML{k.who.UserID, a.ARN}
	r.Result.Credentials = credentialsXML(a)
	r.Result.SourceIdentity = k.who.SourceIdentity
	return &r
}

func webIdentityXML(a *Answer, k *key, t *webToken) reply {
	var r assumeRoleWithWebIdentityResponse
	r.Result.SubjectFromWebIdentityToken, r.Result.Audience, r.Result.Provider = t.Subject, t.Audience[0], t.Issuer
	r.Result.AssumedRoleUser = userXML{k.who.UserID, a.ARN}
	r.Result.Credentials = credentialsXML(a)
	return &r
}

func sessionTokenXML(a *Answer) reply {
	var r getSessionTokenResponse
	r.Result.Credentials = credentialsXML(a)
	return &r
}

func credentialsXML(a *Answer) sessionXML {
	return sessionXML{a.AccessKeyID, a.SecretAccessKey, a.SessionToken, a.Expiration}
}

func identityXML(who principal) reply {
	var r getCallerIdentityResponse
	r.Result.ARN, r.Result.UserID, r.Result.Account = who.ARN, who.UserID, who.Account
	return &r
}

func writeResult(w http.ResponseWriter, result reply, id string) {
	result.stamp(id)
	w.Header().Set("Content-Type", "text/xml")
	xml.NewEncoder(w).Encode(result)
}

func writeError(w http.ResponseWriter, problem *Error, id string) {
	var r errorResponse
	r.Error.Type, r.Error.Code, r.Error.Message, r.RequestID = "Sender", problem.Code, problem.Message, id
	if problem.Status >= 500 {
		r.Error.Type = "Receiver"
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(problem.Status)
	xml.NewEncoder(w).Encode(&r)
}
