namespace PrivateServers.Processes;

/// <summary>The signals used here, by their numbers on Linux.</summary>
internal enum Signal
{
    Hup = 1,
    Int = 2,
    Quit = 3,
    Kill = 9,
    Term = 15,
    Cont = 18,
    Stop = 19,
}
