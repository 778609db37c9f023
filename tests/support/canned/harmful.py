"""What a query must never hold: what a vulnerable server could run, write, delete or fetch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, unquote_plus

ROUNDS = 3
"""Times that careless servers decode what they are sent."""


@dataclass(frozen=True, slots=True)
class Harm:
    """One kind of attack: how it is recognised, and attacks of that kind."""

    pattern: re.Pattern[str]
    samples: tuple[str, ...]


def _harm(pattern: str, *samples: str) -> Harm:
    return Harm(re.compile(pattern, re.VERBOSE | re.IGNORECASE | re.DOTALL), samples)


_COMMANDS = r"""(?:rm|sh|bash|zsh|dash|cat|curl|wget|nc|ncat|ping|id|ls|chmod|chown|kill|killall|dd
    |touch|tee|mv|cp|python\d?|perl|ruby|node|php|powershell|cmd|whoami|uname|sleep|reboot|shutdown
    |halt|mkfs|nslookup|dig|telnet|ssh|scp|crontab|useradd|sudo|su|env|printenv|del|net
    |format(?=\s+[a-z]:))"""

HARMS: dict[str, Harm] = {
    "statements of SQL": _harm(
        r"""\b(?:drop\s+(?:table|database|schema|index|user|view)|delete\s+from|insert\s+into
        |update\s+[\w."`]+\s+set|alter\s+(?:table|user|role)|create\s+(?:table|user|role|function)
        |truncate\s+(?:table\s+)?\w|merge\s+into|replace\s+into|grant\s+\w+|revoke\s+\w+
        |union\s+(?:all\s+)?select|select\b.{0,80}\b(?:from|into)\b|into\s+(?:out|dump)file
        |exec(?:ute)?\s+\w|call\s+\w+\s*\(|copy\s+\w+\s+(?:to|from)|attach\s+database|load\s+data)""",
        "x'; DROP TABLE provider; --",
        "1; delete  from provider",
        "x' UNION ALL SELECT 1",
    ),
    "a second statement": _harm(
        r""";\s*(?:drop|delete|insert|update|alter|create|truncate|merge|grant|revoke|exec|call
        |declare|set|shutdown|select|begin|commit|use|copy|vacuum|pragma|if|while|waitfor)\b
        | ['")\s]--(?:\s|$) | /\*.*\*/ | '\s*;\s*\#""",
        "1;shutdown",
        "x'; declare @a int",
        "admin'--",
    ),
    "functions of databases": _harm(
        r"""\b(?:sleep|pg_sleep|benchmark|load_file|lo_import|lo_export|pg_read_file|randomblob
        |updatexml|extractvalue|load_extension|char|ascii|substring)\s*\( | \bwaitfor\s+delay\b
        | \b(?:xp|sp)_\w+ | \b(?:dbms|utl)_\w+""",
        "x' AND sleep(5)",
        "1 and pg_sleep (9)",
        "1; waitfor delay '0:0:9'",
    ),
    "operators of document databases": _harm(
        r"""\$(?:where|function|accumulator|eval|out|merge|expr|regex|lookup|set|unset|push)\b
        | \bdb\.\w+\.\w+\( | \bmapReduce\b""",
        '{"$where": "sleep(9)"}',
        "category[$regex]=.*",
        "db.provider.drop()",
    ),
    "commands of a shell": _harm(
        rf"""(?:\$\(|`|[<>]\()\s*(?:[\w.]*/)*{_COMMANDS}\b
        | (?:[;&|\n\r]|&&|\|\||^)\s*(?:/\w+)*/?{_COMMANDS}(?:\s+\S|\s*$|\s*[;&|<>])
        | \b{_COMMANDS}\s+(?:-\w|/\w|https?:) | >{{1,2}}\s*[/~.\w]+/ | \$\{{?IFS | \(\)\s*\{{""",
        "$(id)",
        "`id`",
        "a|sh",
        "& format c:",
    ),
    "look-ups in logs": _harm(
        r"""\$\{[^}]*\$\{ | \$\{\s*(?:jndi|env|sys|java|script|lower|upper|ctx|date|main|k8s|docker
        |base64|bundle|url|file|dns|const|web|spring|log4j|marker|map|sd|event|rnd)\s*:
        | \bjndi\s*:""",
        "${jndi:ldap://x}",
        "${${lower:j}ndi:x}",
        "${env:TOKEN}",
    ),
    "code in templates": _harm(
        r"""[$\#%*@~]\{[^}]*(?:\(|\bnew\b|@|\bT\s*\(|\.class|\[) | \{\{.*(?:\(|__|\.|\|).*\}\}
        | \{%\s*\w | <%\s*[=@!\w] | <\#\w | \[\#\w | \#(?:set|foreach|include|parse|evaluate)\b
        | @\(\s*\w | \#\{.+\} | <\?(?:php|xml|=)""",
        "${T(java.lang.Runtime).getRuntime()}",
        "#{7*7}",
        "%{#a=@java.lang.Runtime@x}",
    ),
    "code": _harm(
        r"""\b(?:eval|exec|system|popen|spawn|passthru|shell_exec|require|import|assert|compile
        |setTimeout|Function|process|child_process|forName|getRuntime)\s*[.(]\s*['"\w]
        | \b(?:Runtime|ProcessBuilder|ScriptEngine|ClassLoader|getClass|subprocess)\b
        | __(?:import|class|globals|builtins|reduce|subclasses|init|mro)__
        | constructor\s*[.\[]\s*['"]?prototype | __proto__\s*[.\[=:]\s*\S""",
        "__import__('os')",
        "eval('1')",
        "require('child_process')",
    ),
    "XML that fetches": _harm(
        r"<!\s*(?:ENTITY|DOCTYPE|ELEMENT|ATTLIST|\[CDATA) | xinclude | \bSYSTEM\s+['\"]",
        '<!DOCTYPE x SYSTEM "http://x">',
        '<!ENTITY x "y">',
        '<xi:xinclude href="x"/>',
    ),
    "script in pages": _harm(
        r"""<\s*/?\s*(?:script|img|svg|iframe|object|embed|link|meta|base|form|body|style)\b
        | \bon(?:error|load|click|focus|mouse\w+)\s*= | \b(?:java|vb)script\s*:""",
        "<script>",
        "<svg/onload=x>",
        "x onerror=y",
    ),
    "addresses to fetch": _harm(
        r"""\b(?:https?|ftps?|sftp|file|gopher|dict|ldaps?|rmi|iiop|dns|jar|netdoc|smb|phar|php|expect
        |tftp|ssh2?|ws{1,2}|mailto|classpath|jdbc)\s*:\s*[/\\\w]
        | (?<![\w/:])//\w+\.\w | (?<![\w\\])\\\\\w
        | \b169\.254\.\d | \bmetadata\.google | \b(?:127\.0\.0\.1|0\.0\.0\.0|localhost)[:/]""",
        "http://example.com/",
        "file:///x",
        "gopher://x",
    ),
    "files of the system": _harm(
        r"""\b(?:etc|proc|sys|dev|root|home|var|usr|tmp|boot|windows|winnt|system32)[/\\]\w
        | \b(?:passwd|shadow|authorized_keys|id_rsa|web\.xml|web\.config|boot\.ini|win\.ini)\b
        | \.(?:env|git|ssh|aws|htaccess|htpasswd)\b | /(?:WEB|META)-INF\b""",
        "../../etc/passwd",
        "..\\windows\\win.ini",
        "/proc/self/environ",
    ),
    "serialised objects": _harm(
        r"""rO0AB | \xac\xed\x00\x05 | \b[OaC]:\d+:["{] | !!(?:python|java|ruby)[/x.] | gASV
        | AAEAAAD | @type | \$type | c__builtin__ | \x80[\x02-\x05]c | H4sIAAAA""",
        "rO0ABXNy",
        "\xac\xed\x00\x05sr",
        'O:8:"stdClass":0:{}',
    ),
    "heads of messages": _harm(
        r"""[\r\n]\s*(?:Set-Cookie|Location|Content-\w+|Transfer-Encoding|Host|Authorization|Cookie
        |X-Authorization|X-Forwarded-\w+|X-HTTP-Method\S*|Connection|Upgrade|Refresh)\s*:
        | [\r\n]\s*(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|HTTP/)\b""",
        "x\r\nSet-Cookie: a=b",
        "x\r\n\r\nDELETE /api",
        "x\nX-HTTP-Method-Override: DELETE",
    ),
    "other methods": _harm(
        r"\b_method\b | x-http-method | \bmethod\s*=\s*(?:put|post|delete|patch)",
        "_method=DELETE",
        "method=delete",
        "x-http-method-override=PUT",
    ),
    "directories of people": _harm(
        r"\*?\)\s*\(\s*[|&!]?\s*\(?\w*\s*[=~<>] | \)\s*\(\s*[|&]",
        "*)(uid=*",
        "x)(|(a=b",
    ),
    "patterns that take for ever": _harm(
        r"\([^()]*[+*][^()]*\)\s*[+*{] | \([^()|]*\|[^()]*\)\s*[+*]{1,2}\$? | \{\d{4,}",
        "(a+)+$",
        "(a|a)*",
        "a{99999}",
    ),
}


def readings(wire: str) -> Iterator[str]:
    """Yield what a server may read from a query: decoded once and, by careless ones, again."""
    texts = {wire}
    for _ in range(ROUNDS):
        texts |= {decoded for text in texts for decoded in (unquote(text), unquote_plus(text))}
    yield from texts
    for name, value in parse_qsl(wire, keep_blank_values=True):
        for text in (name, value):
            yield from {text, unquote(text), unquote_plus(unquote(text))}


def harm_in(wire: str) -> list[str]:
    """Return the kinds of harm that a query could do, with what of it could."""
    found = {
        f"{kind}: {match[0]!r}"
        # Between parameters a repeated & is no command, and what separates them is not part of one.
        for text in readings(wire)
        for kind, harm in HARMS.items()
        if (match := harm.pattern.search(text))
    }
    return sorted(found)
