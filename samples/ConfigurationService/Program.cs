using ConfigurationService.Hosting;
using ConfigurationService.Settings;

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
