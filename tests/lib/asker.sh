# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Who asks the daemon at its socket, all the time.  Source it after pdns.sh.
#
#	asker_start HOST RECORD		begin; the answer always has the record
#	asker_goes_on			a hundred questions more at least
#	asker_end			stop; $ASKED questions, $WRONG answers,
#					the longest took $LONGEST ms

asker_start() {
	cat >"$TMP/asker.py" <<-'END'
	import json, os, socket, sys, time
	sock = socket.socket(socket.AF_UNIX)
	sock.connect(sys.argv[1])
	stream = sock.makefile("rw")
	def ask(method, parameters):
	    stream.write(json.dumps({"method": method,
	                             "parameters": parameters}) + "\n")
	    stream.flush()
	    return json.loads(stream.readline())["result"]
	ask("initialize", {})
	asked = wrong = 0
	longest = 0.0
	while not os.path.exists(sys.argv[4]):
	    begin = time.monotonic()
	    answer = ask("lookup", {"qtype": "ANY", "qname": sys.argv[2],
	                            "zone-id": -1})
	    longest = max(longest, time.monotonic() - begin)
	    asked += 1
	    if not answer or sys.argv[3] not in [row["content"].lower()
	                                         for row in answer]:
	        wrong += 1
	    if asked % 100 == 0:
	        open(sys.argv[4] + ".not", "w").close()
	    time.sleep(0.001)
	print(asked, wrong, round(longest * 1000, 1))
	END
	rm -f "$TMP/stop" "$TMP/asker.log"
	spawn asker python3 "$TMP/asker.py" "$TMP/pdns.sock" \
	    "_25_tcp_${1//./_}.$ZONE." "$2" "$TMP/stop"
	ASKER_PID=$PID
	asker_goes_on
}

# A hundred questions more at least.
asker_goes_on() {
	rm -f "$TMP/stop.not"
	wait_for 60 [ -e "$TMP/stop.not" ] || tap_bail "nobody asks"
}

asker_end() {
	touch "$TMP/stop"
	wait_for 30 is_gone "$ASKER_PID"
	# shellcheck disable=SC2034 # for who sources this
	read -r ASKED WRONG LONGEST <"$TMP/asker.log"
}
