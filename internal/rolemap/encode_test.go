package rolemap

import (
	"reflect"
	"testing"
	"time"
)

// The meaning is written by hand. A key that is added to a struct and forgotten there would be approved unseen: each field
// of each struct is set here in turn, by reflection, and all of them together, and encoding/json is the judge.
func TestMeaningByHandIsThatOfTheEncoder(t *testing.T) {
	for _, v := range []meaningful{&meant{}, &rest{}, &settings{}, &roles{}, &Source{}, &sessionTag{}, &policy{}} {
		kind := reflect.TypeOf(v).Elem()
		same(t, reflect.New(kind))
		all := reflect.New(kind)
		for _, field := range reflect.VisibleFields(kind) {
			if !field.IsExported() || field.Anonymous || field.Name == "Line" {
				continue
			}
			one := reflect.New(kind)
			for _, into := range []reflect.Value{one, all} {
				if !fill(into.Elem().FieldByIndex(field.Index)) {
					t.Fatalf("%s.%s: teach this test about %s", kind, field.Name, field.Type)
				}
			}
			same(t, one)
		}
		same(t, all)
	}
}

func same(t *testing.T, v reflect.Value) {
	t.Helper()
	var out encoder
	if got, want := out.encode(v.Interface().(meaningful)), canonical(v.Interface()); got != want {
		t.Errorf("%s:\n got %s\nwant %s", v.Type(), got, want)
	}
}

const awkwardText = "a<b>&\"\\ü\u2028\x7f{x}"

func fill(v reflect.Value) bool {
	switch x := v.Addr().Interface().(type) {
	case *string:
		*x = awkwardText
	case *bool:
		*x = true
	case *template:
		x.text = awkwardText
	case *span:
		*x = span(45 * time.Minute)
	case *[]string:
		*x = []string{awkwardText, "b", ""}
	case *[]template:
		*x = []template{{text: "a"}, {text: awkwardText}}
	case *[]Source:
		*x = []Source{{Kind: "profile", Name: awkwardText, Line: 7}, {Kind: "sso", Name: "s", Audience: "a", Account: "1", PermissionSet: "p"}}
	case *[]sessionTag:
		*x = []sessionTag{{"k", template{text: awkwardText}}, {"l", template{}}}
	case *roles:
		*x = roles{Plan: template{text: "p"}, Apply: template{text: "a"}, State: template{text: "s"}}
	case *policy:
		*x = policy{Text: awkwardText, File: "f", SHA256: "0"}
	case *settings:
		x.Region.text = "eu-west-1"
	case *map[string]string:
		*x = map[string]string{"b": "2", "a": awkwardText}
	default:
		return false
	}
	return true
}
