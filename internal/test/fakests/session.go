package fakests

import "time"

// getSessionToken gives a user a session that is the user's own, with MFA where a code came along.
func (s *Server) getSessionToken(r *request) (reply, *Error) {
	if r.session {
		return nil, &Error{403, "AccessDenied", "Cannot call GetSessionToken with session credentials"}
	}
	duration, problem := r.duration(12*time.Hour, 36*time.Hour)
	if problem == nil {
		problem = s.checkMFA(r)
	}
	if problem != nil {
		return nil, problem
	}
	who := r.who
	who.MFA = r.call.MFA
	a, _ := s.hand(r, who, duration)
	return sessionTokenXML(a), nil
}

// checkMFA finds out whether the caller is somebody with a device, for the log and the trust policy. A code is used up by
// the call that brings it, however that call ends.
func (s *Server) checkMFA(r *request) *Error {
	r.call.MFA = r.who.MFA
	serial, code := r.call.MFASerial, r.form.Get("TokenCode")
	switch {
	case serial == "" && code == "":
		return nil
	case serial == "" || code == "":
		return mfaFailed(", must provide both MFA serial number and one time pass code.")
	case serial != r.who.MFASerial:
		return mfaFailed(", unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	case !s.useCode(code):
		return mfaFailed(" with invalid MFA one time pass code. ")
	}
	r.call.MFA = true
	return nil
}

func mfaFailed(why string) *Error {
	return &Error{403, "AccessDenied", "MultiFactorAuthentication failed" + why}
}

func (s *Server) useCode(code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	good := s.codes[code]
	delete(s.codes, code)
	return good
}
