package oidc

import (
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const portal = "a captive portal or a proxy may stand in between"

func TestAnswersOfTheTokenEndpoint(t *testing.T) {
	good := usual().jwt(t)
	permission := needed(github)
	for name, c := range map[string]struct {
		status  int
		answer  string
		code    problem.Code
		message string // after the host
		hint    string
		calls   int
	}{
		"no permission":       {403, `{"message":"Resource not accessible"}`, problem.Refused, "HOST answered HTTP 403: Resource not accessible", permission, 1},
		"not its token":       {401, ``, problem.Refused, "HOST answered HTTP 401", permission, 1},
		"wrong audience":      {400, `{"message":"Can't issue ID_TOKEN for audience."}`, problem.Refused, "HOST answered HTTP 400: Can't issue ID_TOKEN for audience", "", 1},
		"hidden":              {404, `{}`, problem.Refused, "HOST answered HTTP 404", permission, 1},
		"a login page":        {302, `<html>`, problem.Refused, "HOST answered HTTP 302", "", 1},
		"no with a token":     {403, `{"value":"` + good + `"}`, problem.Refused, "HOST answered HTTP 403", permission, 1},
		"busy":                {429, `{"message":"slow down"}`, problem.Unreachable, "HOST answered HTTP 429: slow down", "try again in a moment", 3},
		"ill":                 {503, `{"message":7}`, problem.Unreachable, "HOST answered HTTP 503", "try again in a moment", 3},
		"a portal":            {200, `<html>Welcome to the airport</html>`, problem.Unreachable, "what HOST answers (HTTP 200) holds no token", portal, 1},
		"nothing":             {200, ``, problem.Unreachable, "what HOST answers (HTTP 200) holds no token", portal, 1},
		"no content":          {204, ``, problem.Unreachable, "what HOST answers (HTTP 204) holds no token", portal, 1},
		"a list":              {200, `["` + good + `"]`, problem.Unreachable, "what HOST answers (HTTP 200) holds no token", portal, 1},
		"null":                {200, `null`, problem.Unreachable, "what HOST answers (HTTP 200) holds no token", portal, 1},
		"another name":        {200, `{"Value":"` + good + `"}`, problem.Unreachable, "what HOST answers (HTTP 200) holds no token", portal, 1},
		"a token of no text":  {200, `{"value":["` + good + `"]}`, problem.Unreachable, "what HOST answers (HTTP 200) holds no token", portal, 1},
		"two answers":         {200, `{"value":"` + good + `"}{}`, problem.Unreachable, "what HOST answers (HTTP 200) holds no token", portal, 1},
		"an endless answer":   {200, `{"value":"` + strings.Repeat("x", 300<<10), problem.Unreachable, "the answer of HOST is larger than 256 KiB", portal, 1},
		"no JWT":              {200, `{"value":"hunter2-hunter2"}`, problem.LoginNeeded, "the token of HOST " + noJWT, "", 1},
		"a token of 100 KB":   {200, `{"value":"` + formed("{}", "{}", strings.Repeat("x", 75000)) + `"}`, problem.LoginNeeded, "the token of HOST is 100008 characters long, and AWS takes 20000", "", 1},
		"a header in a token": {200, `{"value":"` + good + `\r\nX-Injected: 1"}`, problem.LoginNeeded, "the token of HOST " + noJWT, "", 1},
		"the bearer, echoed":  {403, `{"message":"unknown token ` + bearer + `"}`, problem.Refused, "HOST answered HTTP 403: unknown token (hidden)", permission, 1},
		"a token, echoed":     {403, `{"message":"got ` + strings.Repeat("Ab1_", 30) + `"}`, problem.Refused, "HOST answered HTTP 403: got (hidden)", permission, 1},
		"a terminal's codes":  {403, `{"message":"a\u001b[2Jb\n\nwhichrole: error: c"}`, problem.Refused, "HOST answered HTTP 403: a [2Jb whichrole: error: c", permission, 1},
		"a novel":             {403, `{"message":"` + strings.Repeat("long ", 1000) + `"}`, problem.Refused, "HOST answered HTTP 403: " + strings.Repeat("long ", 101) + "long…", permission, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, c.status, c.answer)
			_, err := worldOf(e.github()).get(t, Place{System: github}, good, "hunter2", "airport")
			host := strings.TrimPrefix(e.URL, "http://")
			fails(t, err, c.code, "github: "+strings.ReplaceAll(c.message, "HOST", host), c.hint)
			if len(e.asked) != c.calls {
				t.Errorf("%d calls, want %d", len(e.asked), c.calls)
			}
		})
	}
}

func TestAzureSaysWhatThePipelineLacks(t *testing.T) {
	e := serve(t, 403, `{"$id":"1","message":"TF400813: not authorized","typeKey":"x"}`)
	host := strings.TrimPrefix(e.URL, "http://")
	env := e.azure()
	_, err := worldOf(env).get(t, Place{System: azureDevOps})
	fails(t, err, problem.Refused, "azure-devops: "+host+" answered HTTP 403: TF400813: not authorized", needed(azureDevOps))
	env[azureConnection] = "c"
	_, err = worldOf(env).get(t, Place{System: azureDevOps})
	fails(t, err, problem.Refused, "azure-devops: "+host+" answered HTTP 403: TF400813: not authorized",
		"the pipeline needs the permission to use the service connection that AZURESUBSCRIPTION_SERVICE_CONNECTION_ID names")
}

func TestBearerDoesNotGoOutInTheClear(t *testing.T) {
	_, err := worldOf(paths.Env{githubURL: "http://actions.example/idtoken", githubBearer: bearer}).get(t, Place{System: github})
	fails(t, err, problem.Unreachable, "github: actions.example is not asked: a token would go there without TLS", "the URL must begin with https://")
}

func TestVariablesThatAreNotWhatTheCISystemSet(t *testing.T) {
	const leave = "the CI system sets it: leave it as it is"
	for _, at := range []string{"idtoken", "https://", "ftp://actions.example/idtoken", "//actions.example/idtoken", "https://user:hunter2@ho st/", "https://h/%zz", "\x7f"} {
		_, err := worldOf(paths.Env{githubURL: at, githubBearer: bearer}).get(t, Place{System: github}, "hunter2")
		fails(t, err, problem.LoginNeeded, "github: ACTIONS_ID_TOKEN_REQUEST_URL is not an http or https URL", leave)
	}
	for _, token := range []string{"hunter2\r\nHost: evil", "hunter2 hunter2", "hünter2"} {
		_, err := worldOf(paths.Env{githubURL: "https://actions.example", githubBearer: token}).get(t, Place{System: github}, token)
		fails(t, err, problem.LoginNeeded, "github: ACTIONS_ID_TOKEN_REQUEST_TOKEN holds a character that no token has", needed(github))
	}
}

func TestNobodyListens(t *testing.T) {
	e := serve(t, 200, "")
	e.Close()
	host := strings.TrimPrefix(e.URL, "http://")
	_, err := worldOf(e.github()).get(t, Place{System: github})
	fails(t, err, problem.Unreachable, "github: "+host+" refuses connections", "look at the network")
}
