package message_test

import (
	"testing"

	"delist/spool/message"
)

func TestMarks(t *testing.T) {
	for header, want := range map[string]message.Marks{
		"Subject: x": 0,
		"List-Id: <news.quay.example>\r\nPrecedence: bulk": message.OfList | message.Bulk,
		"precedence: LIST":                                             message.OfList,
		"Precedence: listless":                                         0,
		"List-Unsubscribe:\r\n <https://quay.example/u>":               message.Bulk,
		"Auto-Submitted: auto-replied (vacation)":                      message.Automatic,
		"Auto-Submitted: auto-replied; owner-email=\"a@quay.example\"": message.Automatic,
		"Auto-Submitted: auto-generated":                               0,
		"Auto-Submitted: no":                                           0,
		"X-Autoreply: yes":                                             message.Automatic,
		"Precedence: auto_reply":                                       message.Automatic,
		"X-SmarterMail-MessageType: Bounce":                            0,
		"X-SmarterMail-MessageType: AutoResponder":                     message.Automatic,
		"X-Mailer: PHPMailer 6.9.1":                                    message.Script,
		"X-Mailer: Microsoft CDO for Windows 2000":                     message.Script,
		"X-Mailer: Microsoft Outlook 16.0":                             0,
		"X-PHP-Originating-Script: 1004:mail.php":                      message.Script,
		"Subject: x\r\n\r\nList-Id: <in.the.body>":                     0,
	} {
		if got := message.Scan([]byte(header+"\r\n\r\nbody"), true).Marks; got != want {
			t.Errorf("%q: %b, want %b", header, got, want)
		}
	}
}
