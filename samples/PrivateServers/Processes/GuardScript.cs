namespace PrivateServers.Processes;

/// <summary>
/// The shell that stands between us and a server. Its standard input is a pipe that only this process holds open: when we stop
/// the server we close it, and when we die, even by SIGKILL, the kernel closes it. Either way the guard stops the server.
/// PDEATHSIG would not do: it fires when the thread that started the child ends, and pool threads do.
/// </summary>
internal static class GuardScript
{
    /// <summary>Arguments: stop signal, patience in twentieths of a second, log file, then the command.</summary>
    internal const string Text = """
        signal=$1 patience=$2 log=$3
        shift 3
        exec 2>>"$log" 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        exec 3<&0 </dev/null
        "$@" 3<&- >>"$log" 2>&1 &
        server=$!
        echo "$server"
        exec >/dev/null

        tree() {
          echo "$1"
          for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do tree "$child"; done
        }

        stop() {
          all=$(tree "$server")
          if [ "$signal" != KILL ]; then
            kill -CONT $all
            kill -"$signal" "$server"
            while [ "$patience" -gt 0 ] && kill -0 "$server"; do sleep 0.05; patience=$((patience - 1)); done
            all=$(tree "$server")
          fi
          kill -KILL $all
        } 2>/dev/null

        ( read -r _ <&3; stop ) &
        watch=$!
        exec 3<&-
        trap 'stop' TERM HUP INT
        wait "$server"
        code=$?
        kill "$watch" 2>/dev/null
        exit "$code"
        """;
}
