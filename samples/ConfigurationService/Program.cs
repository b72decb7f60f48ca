using ConfigurationService.Hosting;
using ConfigurationService.Settings;
using Microsoft.EntityFrameworkCore;

// dotnet ef runs the program to look for a host. The context comes from DesignTimeContextFactory: nothing must be started.
if (EF.IsDesignTime)
    return 0;

if (CommandLine.AsksForHelp(args))
{
    Console.Out.WriteLine(CommandLine.Usage);
    return 0;
}

try
{
    return await ServiceHost.RunAsync(args);
}
catch (SettingsException e)
{
    Console.Error.WriteLine(e.Message);
    return StartUpOutcome.BadSettings;
}
