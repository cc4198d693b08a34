package fakests

import (
	"encoding/xml"
	"net/http"
)

// The shapes below are those of the STS API reference, element by element.

type metadata struct {
	RequestID string `xml:"RequestId"`
}

type assumeRoleResponse struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	Result  struct {
		AssumedRoleUser struct {
			AssumedRoleID string `xml:"AssumedRoleId"`
			ARN           string `xml:"Arn,omitempty"`
		}
		Credentials    sessionXML
		SourceIdentity string `xml:",omitempty"`
	} `xml:"AssumeRoleResult"`
	Metadata metadata `xml:"ResponseMetadata"`
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
	Metadata metadata `xml:"ResponseMetadata"`
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

func assumeRoleXML(a *Answer, k *key) any {
	var r assumeRoleResponse
	r.Result.AssumedRoleUser.AssumedRoleID = k.who.UserID
	r.Result.AssumedRoleUser.ARN = a.ARN
	r.Result.Credentials = sessionXML{a.AccessKeyID, a.SecretAccessKey, a.SessionToken, a.Expiration}
	r.Result.SourceIdentity = k.who.SourceIdentity
	return &r
}

func identityXML(who principal) any {
	var r getCallerIdentityResponse
	r.Result.ARN, r.Result.UserID, r.Result.Account = who.ARN, who.UserID, who.Account
	return &r
}

func writeResult(w http.ResponseWriter, result any) {
	id := w.Header().Get("X-Amzn-Requestid")
	switch r := result.(type) {
	case *assumeRoleResponse:
		r.Metadata.RequestID = id
	case *getCallerIdentityResponse:
		r.Metadata.RequestID = id
	}
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
